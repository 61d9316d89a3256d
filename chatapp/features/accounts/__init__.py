"""Accounts, passwords, sign-in, and the first admin."""
