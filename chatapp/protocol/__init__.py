"""The messages between clients and the server, for both sides. Tests compare them with the types of
the page's scripts and the tables of docs/protocol.md.

`events.py` lists the events of clients, `pushes.py` those of the server.
"""
