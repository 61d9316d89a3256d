"""Parsing and encoding of bytes and packets. No sockets here."""
