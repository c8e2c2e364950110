"""Long work in larger packages: ideas that tools refute, tests that stay red, plans and what is left."""
