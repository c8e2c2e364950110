"""Failing tests and wrong results in small projects are found and fixed."""
