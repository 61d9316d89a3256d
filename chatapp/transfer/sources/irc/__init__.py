"""Logs of IRC."""
