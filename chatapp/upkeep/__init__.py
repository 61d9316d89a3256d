"""Verify, repair, migrate, retain, erase and back up a log."""
