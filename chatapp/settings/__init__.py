"""What admins can change while the chat runs."""
