"""Reminds whoever is on call this week, in the room and alone. Run it every day:

    CHATAPP_TOKEN=chatapp_… python examples/oncall.py http://localhost:8080 ops ana,ben,eva

The `cid` has the number of the week, so there is one reminder a week, on the first day on which it
runs. A day behind the names, such as 2026-12-07, takes the place of today.
"""

import os
import sys
from datetime import date

from chatapp.client import ChatClient

url, room, names, *day = sys.argv[1:]
people = names.split(",")
today = date.fromisoformat(day[0]) if day else date.today()
week = (today.toordinal() - 1) // 7  # weeks begin on Monday
person = people[week % len(people)]

with ChatClient(url, token=os.environ["CHATAPP_TOKEN"]) as chat:
    chat.join(room)
    chat.send(room, f"@{person} is on call this week.", cid=f"on-call-{week}")
    alone = chat.talk_to(person).name
    chat.send(alone, f"You are on call this week; #{room} has been told.", cid=f"on-call-{week}")
