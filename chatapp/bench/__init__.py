"""How many people fit on this machine: the server under a crowd of simulated people."""
