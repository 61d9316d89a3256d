"""Agents: bots that read what they may, and write drafts which a person approves."""
