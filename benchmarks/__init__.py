"""What the chat costs, measured beside its peers: `python -m benchmarks --list`."""
