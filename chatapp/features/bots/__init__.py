"""Bots: accounts of programs, with an owner and limits."""
