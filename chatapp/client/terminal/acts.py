"""The slash commands that are one request to the server and a line about what came of it.

Those that move between rooms, or show what was said, are the conversation's own. A message
is meant by its number, `#12`; without one, it is the last that fits.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple, get_args

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.commands import HELP, Line
from chatapp.client.terminal.company import Company, whereabouts
from chatapp.errors import BadPayload, NotFound
from chatapp.model import COLOURS, Message
from chatapp.wire import State

FOUND_AT_MOST = 10
QUOTED_CHARACTERS = 60


class Scene(NamedTuple):
    """Where a command was given: the room, and the last messages there."""

    room: str
    last: Message | None
    last_own: Message | None


class Acts:
    """`do` says what came of it, in a note; raises the `ChatError` of a refusal."""

    def __init__(self, chat: ChatClient, company: Company) -> None:
        self._chat = chat
        self._company = company
        self._acts: dict[str, Callable[[str, Scene], str]] = {
            "topic": self._topic,
            "invite": self._invite,
            "remove": self._remove,
            "edit": self._edit,
            "delete": self._delete,
            "react": self._react,
            "reply": self._reply,
            "search": self._search,
            "read": self._read,
            "whois": self._whois,
            "name": self._name,
            "colour": self._colour,
            "status": self._status,
            "mute": self._mute,
            "kick": self._kick,
            "ban": self._ban,
            "unban": self._unban,
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._acts)

    def __contains__(self, command: str) -> bool:
        return command in self._acts

    def do(self, line: Line, scene: Scene) -> str:
        try:
            return self._acts[line.command](line.rest, scene)
        except Misread:
            usage = f"/{line.command} {HELP[line.command][0]}"
            raise BadPayload(f"Write it like this: {usage}") from None

    # The room

    def _topic(self, rest: str, scene: Scene) -> str:
        room = self._chat.update(scene.room, topic=rest)
        return f"{room.title} is about: {room.topic}" if room.topic else "There is no topic now."

    def _invite(self, rest: str, scene: Scene) -> str:
        name = only_name(rest)
        self._chat.invite(scene.room, name)
        return f"{name} may come in now."

    def _remove(self, rest: str, scene: Scene) -> str:
        name = only_name(rest)
        self._chat.remove(scene.room, name)
        return f"{name} is no longer in {scene.room}."

    # Messages

    def _edit(self, rest: str, scene: Scene) -> str:
        seq, text = meant(rest, scene.last_own)
        changed = self._chat.edit(scene.room, seq, needed(text))
        return f"#{seq} is changed." if changed else f"#{seq} says that already."

    def _delete(self, rest: str, scene: Scene) -> str:
        seq, more = meant(rest, scene.last_own)
        if more:
            raise Misread
        deleted = self._chat.delete(scene.room, seq)
        return f"#{seq} is deleted." if deleted else f"#{seq} is deleted already."

    def _react(self, rest: str, scene: Scene) -> str:
        seq, emoji = meant(rest, scene.last)
        self._chat.react(scene.room, seq, needed(emoji))
        return f"#{seq} has your {emoji}."

    def _reply(self, rest: str, scene: Scene) -> str:
        seq, text = meant(rest, scene.last)
        self._chat.send(scene.room, needed(text), seq)
        return ""

    def _search(self, rest: str, _scene: Scene) -> str:
        found = self._chat.search(needed(rest), limit=FOUND_AT_MOST)
        self._company.learn(message.sender for message in found.messages)
        lines = [self._hit(message) for message in reversed(found.messages)]
        if found.more:
            lines.insert(0, "There is more, and older; say more exactly what you seek.")
        return "\n".join(lines) or "Nothing says that."

    def _hit(self, message: Message) -> str:
        text = " ".join(message.text.split())
        if len(text) > QUOTED_CHARACTERS:
            text = text[:QUOTED_CHARACTERS] + "…"
        sender = self._company.shown(message.sender)
        return f"{message.at[:10]} {message.room} #{message.seq} {sender}: {text}"

    def _read(self, _rest: str, scene: Scene) -> str:
        if scene.last is None:
            return "There is nothing to read here."
        self._chat.read(scene.room, scene.last.seq)
        return f"{scene.room} is read, on all your devices."

    # People

    def _whois(self, rest: str, _scene: Scene) -> str:
        name = only_name(rest)
        profiles = self._chat.people([name])
        if not profiles:
            raise NotFound(f"Nobody with an account is called {name!r}.")
        [profile] = profiles
        self._company.hear(profile)
        who = self._company.both(profile.name)
        return f"{who}, {profile.role}, {whereabouts(profile, datetime.now(UTC))}"

    def _name(self, rest: str, _scene: Scene) -> str:
        profile = self._chat.profile(display_name=rest)
        return f"You are shown as {profile.display_name or profile.name}."

    def _colour(self, rest: str, _scene: Scene) -> str:
        colour = next((each for each in COLOURS if each == rest.casefold()), None)
        if colour is None:
            raise BadPayload(f"The colours are {', '.join(COLOURS)}.")
        self._chat.profile(colour=colour)
        return f"Your flag is {colour}."

    def _status(self, rest: str, _scene: Scene) -> str:
        state: State | None = next((each for each in get_args(State) if each == rest), None)
        if state is None:
            raise BadPayload(f"One is {', '.join(get_args(State))}.")
        self._chat.status(state)
        return f"You are {state}."

    # Moderation

    def _mute(self, rest: str, _scene: Scene) -> str:
        name, more = first_name(rest)
        seconds, _, reason = more.partition(" ")
        if not (seconds.isascii() and seconds.isdigit()):
            raise Misread
        self._chat.mute(name, int(seconds), reason.strip())
        return f"{name} is muted for {int(seconds)} s." if int(seconds) else f"{name} may write."

    def _kick(self, rest: str, _scene: Scene) -> str:
        name, reason = first_name(rest)
        self._chat.kick(name, needed(reason))
        return f"{name} is out, and may come back."

    def _ban(self, rest: str, _scene: Scene) -> str:
        name, reason = first_name(rest)
        self._chat.ban(name, reason=needed(reason))
        return f"{name} may not come in any more."

    def _unban(self, rest: str, _scene: Scene) -> str:
        name = only_name(rest)
        self._chat.unban(name)
        return f"{name} may come in again."


class Misread(Exception):
    """What stands behind a command is not what it needs."""


def meant(rest: str, otherwise: Message | None) -> tuple[int, str]:
    """The number of the message that is meant, and the rest of the line."""
    number = re.fullmatch(r"#([0-9]{1,15})(?:\s+(.*))?", rest, re.DOTALL)
    if number:
        return int(number[1]), number[2] or ""
    if otherwise is None:
        raise NotFound("There is no such message here yet; say which one, such as #12.")
    return otherwise.seq, rest


def first_name(rest: str) -> tuple[str, str]:
    """A name, with an @ or in quotes or neither, and the rest of the line."""
    found = re.fullmatch(r'@?(?:"([^"]+)"|(\S+))(?:\s+(.*))?', rest, re.DOTALL)
    if not found:
        raise Misread
    return found[1] or found[2], found[3] or ""


def only_name(rest: str) -> str:
    """The whole line is a name: it may have spaces."""
    return needed(rest.removeprefix("@").strip('"'))


def needed(text: str) -> str:
    if not text.strip():
        raise Misread
    return text
