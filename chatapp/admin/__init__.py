"""The admin console: find, view and download every record; manage people, rooms and settings."""
