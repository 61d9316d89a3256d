"""Slash commands that bots and webhooks register, and what becomes of those that people type."""
