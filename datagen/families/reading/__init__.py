"""Questions are answered from the files of a project."""
