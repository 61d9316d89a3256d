"""Polls in the terminal: the commands about them, and how they look."""
