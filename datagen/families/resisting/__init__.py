"""The family `resisting`: what is read gives the assistant orders, who does the user's task and says so."""
