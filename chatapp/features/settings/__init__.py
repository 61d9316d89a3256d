"""Settings that admins can change while the chat runs."""
