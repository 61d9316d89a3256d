"""Processes for long work on the log and its index: rebuild, check, erase."""
