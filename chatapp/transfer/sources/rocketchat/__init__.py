"""Collections of Rocket.Chat, as mongoexport writes them."""
