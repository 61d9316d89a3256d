"""Moderation: muting, kicking, banning, and rooms in which not everybody writes."""
