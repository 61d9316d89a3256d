"""Reads the export of a Slack workspace."""
