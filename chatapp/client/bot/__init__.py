"""Programs that answer in the chat: commands, mentions, and a place that survives a crash."""
