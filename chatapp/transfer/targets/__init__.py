"""Exports in the formats of other chats: what `chatapp log export` writes for them to import."""
