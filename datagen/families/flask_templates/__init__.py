"""The user asks for a small Flask app, and gets one that was tried."""
