"""Questions are answered by running Python, on files and on numbers."""
