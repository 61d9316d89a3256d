"""A local copy of rooms, which follows the chat."""
