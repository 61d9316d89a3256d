"""The parts of the chat, each made of what stands below it: `factory.py` puts them together."""
