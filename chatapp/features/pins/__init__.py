"""Pinned messages of a room."""
