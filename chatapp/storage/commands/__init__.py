"""What `chatapp log`, `backup` and `restore` do with the data folder, a command a file."""
