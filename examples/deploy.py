"""Has the slash command `/deploy staging`: everyone sees what is deployed, only you your mistakes.

    CHATAPP_TOKEN=chatapp_… python examples/deploy.py http://localhost:8080

It works in the rooms of its account: `chatapp bot add deploy --owner ana --rooms ops`.
"""

import os
import sys

from chatapp.client import Bot, BotEvent

PLACES = ("staging", "production")

bot = Bot(sys.argv[1], os.environ["CHATAPP_TOKEN"], state="deploy.json")


@bot.command("deploy", help="deploys the newest build", hint="staging|production")
def deploy(event: BotEvent) -> str | None:
    if event.text in PLACES:
        return f"{event.sender} deploys to {event.text} …"
    mistake = f"There is no place {event.text!r}. Choose one of: {', '.join(PLACES)}."
    if event.is_slash:
        event.reply_privately(mistake)
    else:
        event.reply(mistake)
    return None


bot.run()
