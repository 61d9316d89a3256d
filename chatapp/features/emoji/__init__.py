"""Emoji of the chat's own: pictures with names, for texts and reactions."""
