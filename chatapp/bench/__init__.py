"""Simulated people that measure how many people a server can handle."""
