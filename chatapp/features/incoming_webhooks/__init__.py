"""Incoming webhooks: other programs post to a room, each by a secret address."""
