"""What people say of themselves: how one types it, and how it is shown."""
