"""Changes are made, looked at, and committed."""
