"""The chat's own emoji in `chatapp chat`."""
