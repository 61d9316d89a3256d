"""The journals of a chat of several processes, in PostgreSQL."""
