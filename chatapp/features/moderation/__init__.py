"""Moderation: mutes, kicks, bans, and rooms in which not everyone can post."""
