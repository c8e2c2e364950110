"""Tools are offered, but a value is missing or none of them fits: the assistant asks, or declines."""
