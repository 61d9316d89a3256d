"""The implementation of `chatapp chat`, `send` and `tail`. Their options are in `cli/chat.py`."""
