"""Events of GitHub, a file for each kind."""
