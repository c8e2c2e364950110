"""A request lacks something that only the user knows: the assistant looks, and asks one question."""
