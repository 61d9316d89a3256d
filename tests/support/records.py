"""Messages in a log, for tests that read them."""

from chatapp.model import Draft, Event
from chatapp.storage import MessageLog


def say(log: MessageLog, text: str, *, room: str = "general", sender: str = "ana") -> Event:
    pending = log.append(Draft(room=room, sender=sender, text=text))
    log.flush()
    return pending.result()
