"""The console of those who run the chat: every logged message, found, shown, downloaded."""
