"""Rooms: which there are, and who may see them."""
