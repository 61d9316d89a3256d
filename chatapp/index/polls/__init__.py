"""Counts the votes of polls: what the index keeps of them, and how it is read."""
