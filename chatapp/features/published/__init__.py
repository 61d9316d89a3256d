"""Rooms that the web can read: pages that need no account and no script."""
