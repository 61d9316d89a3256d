"""Threads: who follows them, what is new in them, their titles, and moving messages."""
