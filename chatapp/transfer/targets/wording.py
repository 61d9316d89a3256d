"""The text of a message as one of Markdown alone, for a chat that knows nothing of polls, quotes of
forwarded messages or `/me`. Names of people and rooms become those of the other chat."""

import re
from collections.abc import Callable, Iterator, Mapping

from chatapp.domain.model import Message
from chatapp.domain.polls import text_of
from chatapp.text.actions import action_in
from chatapp.text.tokens import EVERYONE, inline_spans
from chatapp.transfer.sources.outside_code import outside_code
from chatapp.transfer.targets.people import TargetPeople, TargetPerson
from chatapp.transfer.targets.rooms import TargetRoom

_ROOM = re.compile(r"(?<![\w&/#\\])#(\w[\w-]*)")
DELETED = "This message was deleted."
"""In place of one that replies refer to."""
QUOTED_CHARACTERS = 200


class NamesThere:
    """Writes people, rooms and everyone as the other chat does."""

    def __init__(
        self,
        people: TargetPeople,
        rooms: Mapping[str, TargetRoom],
        *,
        person: Callable[[TargetPerson], str],
        room: Callable[[TargetRoom], str],
        everyone: str,
    ) -> None:
        self._people = people
        self._rooms = {name: each for name, each in rooms.items() if each.kind != "direct"}
        self._person = person
        self._room = room
        self._everyone = everyone

    def in_text(self, text: str) -> str:
        """Code and links with a label stay as they are."""
        return outside_code(text, self._changed) if "@" in text or "#" in text else text

    def spans(self, plain: str) -> Iterator[tuple[int, int, str]]:
        """Where names are in a text without code, in order, and what is written there."""
        done = 0
        for start, end, kind, value in inline_spans(plain, self._people.names):
            yield from self._rooms_in(plain, done, start)
            if kind == "mention" and (name := self._mention(value)):
                yield start, end, name
            done = end
        yield from self._rooms_in(plain, done, len(plain))

    def _changed(self, plain: str) -> str:
        parts: list[str] = []
        done = 0
        for start, end, name in self.spans(plain):
            parts += plain[done:start], name
            done = end
        return "".join([*parts, plain[done:]])

    def _mention(self, key: str) -> str | None:
        if key in EVERYONE:
            return self._everyone
        person = self._people.named(key)
        return self._person(person) if person else None

    def _rooms_in(self, plain: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
        for found in _ROOM.finditer(plain, start, end):
            if room := self._rooms.get(found[1].casefold()):
                yield found.start(), found.end(), self._room(room)


def quote_of(answered: Message, author: str) -> str:
    """The beginning of a message that another one answers, as a quote; empty if it says nothing."""
    said = " ".join(plain_text(answered).split()) if answered.text else ""
    if len(said) > QUOTED_CHARACTERS:
        said = said[:QUOTED_CHARACTERS].rstrip() + "…"
    return f"> {author}: {said}" if said else ""


def plain_text(message: Message) -> str:
    """What a message says, without its files. A forwarded text stands under its author's name."""
    if message.poll:
        return text_of(message.poll)
    if message.forwarded is None:
        return message.text
    deed = action_in(message.text)
    author = message.forwarded.sender
    quoted = message.text if deed is None else f"*{author} {deed}*"
    lines = "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
    return f"*Forwarded from {author}, {message.forwarded.at[:10]}:*\n{lines}"
