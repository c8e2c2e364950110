"""What conversations are about: projects, functions and pages, drawn from tables."""
