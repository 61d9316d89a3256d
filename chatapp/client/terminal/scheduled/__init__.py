"""Messages that are sent later: how their times are typed, and the commands about them."""
