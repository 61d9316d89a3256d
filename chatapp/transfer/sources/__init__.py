"""Exports of other chats: a reader for each format, and one importer for all of them."""
