"""Sends and fetches files: the part of the client that speaks HTTP."""
