"""Messages that people have saved for later, and reminders of them."""
