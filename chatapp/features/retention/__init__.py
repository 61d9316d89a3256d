"""How long the messages of a room are kept."""
