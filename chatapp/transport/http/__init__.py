"""HTTP: the listening socket, requests, long polling, and the upgrade to WebSockets."""
