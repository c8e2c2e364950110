"""Several requests about one project in a git repository, up to the commit."""
