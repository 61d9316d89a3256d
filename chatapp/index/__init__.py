"""The search index, derived from the log; it can be deleted at any time."""
