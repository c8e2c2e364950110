"""Conversations: read, judged, counted, shown."""
