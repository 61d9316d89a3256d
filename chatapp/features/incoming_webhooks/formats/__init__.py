"""How the payloads of other programs are read as messages: pure functions, a file for each kind."""
