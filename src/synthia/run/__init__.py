"""Start one stage, on this machine or in a container."""
