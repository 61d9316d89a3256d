"""Reads a bulk export of Mattermost."""
