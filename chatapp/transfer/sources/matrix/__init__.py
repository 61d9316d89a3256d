"""Rooms of Matrix, as Element exports them."""
