"""Presence: who is online, joins, leaves, and types."""
