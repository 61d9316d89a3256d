"""Reading: how far somebody has read a room, and how they want to hear of it."""
