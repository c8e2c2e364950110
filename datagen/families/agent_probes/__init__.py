"""Held-out probes in the words of people who work with a coding agent."""
