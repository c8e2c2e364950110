"""Runnable comparisons, with their last results in the README."""
