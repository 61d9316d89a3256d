"""Scheduled messages: written now, sent by the server at a time that their author chose."""
