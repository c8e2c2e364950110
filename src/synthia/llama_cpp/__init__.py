"""What llama.cpp is built from and how: exactly the modules that the convert image compiles with."""
