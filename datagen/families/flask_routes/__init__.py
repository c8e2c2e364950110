"""A small Flask app exists, and the user wants something about its routes."""
