"""The implementation of `chatapp log`, `backup` and `restore`."""
