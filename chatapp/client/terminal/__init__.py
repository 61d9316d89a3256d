"""The terminal: what `chatapp chat`, `send` and `tail` do. Their options are in `client/cli.py`."""
