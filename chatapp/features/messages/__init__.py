"""Messages: posting, changing, reading, searching."""
