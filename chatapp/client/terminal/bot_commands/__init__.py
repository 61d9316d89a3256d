"""The slash commands of bots, in the terminal."""
