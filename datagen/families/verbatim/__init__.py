"""What the user wrote is used as it stands: code that is run, text that is stored, patterns, messages."""
