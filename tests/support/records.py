"""Messages in a log, for tests that read them."""

from chatapp.domain.model import Draft, Event, Message
from chatapp.store.message_log import MessageLog


class NotThere(Exception):
    """Nothing may be appended."""


def say(log: MessageLog, text: str, *, room: str = "general", sender: str = "ana") -> Event:
    pending = log.append(Draft(room=room, sender=sender, text=text))
    log.flush()
    event = pending.result().event
    assert isinstance(event, Event)
    return event


def sent_with(log: MessageLog, room: str, sender: str, cid: str) -> Event | Message | None:
    """What a retry with this cid gets."""
    try:
        retry = Draft(room=room, sender=sender, text="a retry", cid=cid)
        return log.append(retry, check=_refuse).result().event
    except NotThere:
        return None


def _refuse() -> None:
    raise NotThere
