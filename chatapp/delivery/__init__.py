"""Sends the events of the feed to the clients that receive them."""
