"""What `./invoke` can do, a module a subject. Tasks are thin: they read words and call `synthia`."""
