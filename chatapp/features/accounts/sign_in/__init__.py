"""Authentication: passwords, sessions, tokens, devices."""
