"""Questions that are answered without any tool, although tools are offered."""
