"""Held-out probes: the last assistant turn of each row is the gold answer."""
