"""Forwarding messages to another room, a thread or a person."""
