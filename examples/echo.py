"""Repeats what is said to it: `!echo hello`, or `@echo hello`.

    python examples/echo.py http://localhost:8080

It is a guest in `general`. What is said while it is away, it repeats when it is back.
"""

import sys

from chatapp.client import Bot, BotEvent

bot = Bot(sys.argv[1], name="echo", state="echo.json")


@bot.mention
def repeat(event: BotEvent) -> str:
    return event.text


bot.command("echo", help="repeats what you say")(repeat)
bot.run()
