"""A search finds all places; then they are changed, or summed up."""
