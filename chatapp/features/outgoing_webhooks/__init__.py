"""What happens in the chat, sent to other programs over HTTP: outgoing webhooks."""
