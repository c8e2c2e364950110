"""The family `querying`: questions to a small SQLite database, and changes of its files."""
