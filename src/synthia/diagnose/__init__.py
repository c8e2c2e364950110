"""`./invoke diagnose`: what is wrong with a model's files, whoever made them."""
