"""Messages: posted, logged, delivered, read back."""
