"""Read marks, unread counts, and notification preferences."""
