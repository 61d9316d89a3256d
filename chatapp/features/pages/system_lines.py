"""The lines that the chat itself writes into a room, in the language of the page."""

# static/js/lib/messages/system-lines.js does the same, after the first render.

import msgspec

from chatapp.domain.model import Message, SystemLine, quoted


class Sentence(msgspec.Struct, frozen=True):
    """The key of a text, a new title or topic in it, the names of those it was done to, and the
    numbers that choose its form."""

    key: str
    value: str = ""
    people: list[str] = []
    numbers: dict[str, int] = {}


def sentence(message: Message) -> Sentence | None:
    """What a line of the chat says; None for a message of a person."""
    if message.system is None:
        return None
    if message.system.what == "moved":
        return _moved(message.system)
    key, value = f"system.{message.system.what}", quoted(message)
    if message.system.what == "titled" and not value:
        return Sentence(f"{key}.none")
    if value or message.system.what not in {"topic", "renamed"}:
        who = [message.system.who] if message.system.who else []
        return Sentence(key, value or "", message.system.people or who)
    return Sentence(f"{key}.cleared" if message.text else f"{key}.erased")


def _moved(line: SystemLine) -> Sentence:
    """The room is "" where it is not named, and None where messages stay in theirs."""
    where = "room" if line.room is not None else "in" if line.thread else "out"
    return Sentence(f"system.moved.{where}", numbers={"count": len(line.seqs or ())})
