"""Health: whether the server lives, whether it is ready, and what it counts."""
