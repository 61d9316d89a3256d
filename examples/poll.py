"""Begins polls: `!poll Lunch? | Pizza | Soup`.

    CHATAPP_TOKEN=chatapp_… python examples/poll.py http://localhost:8080

It answers in the rooms of its account: `chatapp bot add poll --owner ana --rooms team`.
"""

import os
import sys

from chatapp.client import Bot, BotEvent

bot = Bot(sys.argv[1], os.environ["CHATAPP_TOKEN"], state="poll.json")


@bot.command("poll", help="Question? | one option | another")
def poll(event: BotEvent) -> None:
    question, *options = [part.strip() for part in event.text.split("|")]
    if len(options) < 2:
        event.reply("Give a question and at least two options: `!poll Lunch? | Pizza | Soup`")
    else:
        event.poll(question, options)


bot.run()
