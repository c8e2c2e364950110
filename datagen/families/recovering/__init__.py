"""Calls fail; the assistant says what the error means, and calls better."""
