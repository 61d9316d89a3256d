"""What the terminal rings for, and how one says what that is."""
