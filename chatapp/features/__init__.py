"""What people can do: rules (manager.py), Socket.IO events (events.py), pages (views.py)."""
