"""Presence: who is here, who came, who left, who is typing."""
