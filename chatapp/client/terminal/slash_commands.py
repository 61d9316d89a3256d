"""The slash commands that send one request and print a line with its result.

Commands that switch rooms or show messages are in conversation.py. `#12` refers to a message by
number; without a number, a command uses the last suitable message.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple, get_args

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.commands import HELP, InputLine
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.people_names import PeopleNames, presence_text
from chatapp.domain.errors import BadPayload, NotFound
from chatapp.domain.model import COLOURS, Message
from chatapp.protocol.values import State

MAX_FOUND = 10
QUOTED_CHARACTERS = 60


class CommandContext(NamedTuple):
    """The context of a command: its room, and the last messages there."""

    room: str
    last: Message | None
    last_own: Message | None


class SlashCommands:
    """`do` returns a note about the result; raises the `ChatError` of a refusal."""

    def __init__(self, chat: ChatClient, people: PeopleNames, rooms: KnownRooms) -> None:
        self._chat = chat
        self._people = people
        self._rooms = rooms
        self._acts: dict[str, Callable[[str, CommandContext], str]] = {
            "topic": self._topic,
            "invite": self._invite,
            "remove": self._remove,
            "delete-room": self._delete_room,
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

    def do(self, line: InputLine, context: CommandContext) -> str:
        try:
            return self._acts[line.command](line.rest, context)
        except WrongArguments:
            usage = f"/{line.command} {HELP[line.command][0]}"
            raise BadPayload(f"Usage: {usage}") from None

    # The room

    def _topic(self, rest: str, context: CommandContext) -> str:
        room = self._chat.update(context.room, topic=rest)
        return (
            f"{room.title}'s topic is now: {room.topic}" if room.topic else "The topic was cleared."
        )

    def _invite(self, rest: str, context: CommandContext) -> str:
        name = only_name(rest)
        self._chat.invite(context.room, name)
        return f"{name} was added to the room."

    def _remove(self, rest: str, context: CommandContext) -> str:
        name = only_name(rest)
        self._chat.remove(context.room, name)
        return f"{name} was removed from {self._rooms.shown(context.room)}."

    def _delete_room(self, rest: str, _context: CommandContext) -> str:
        """The name is needed: nobody deletes a room by pressing Enter too early."""
        self._chat.delete_room(needed(rest))
        return f"{rest} was deleted for everyone."

    # Messages

    def _edit(self, rest: str, context: CommandContext) -> str:
        seq, text = message_number(rest, context.last_own)
        changed = self._chat.edit(context.room, seq, needed(text))
        return f"#{seq} was edited." if changed else f"#{seq} already has this text."

    def _delete(self, rest: str, context: CommandContext) -> str:
        seq, more = message_number(rest, context.last_own)
        if more:
            raise WrongArguments
        deleted = self._chat.delete(context.room, seq)
        return f"#{seq} was deleted." if deleted else f"#{seq} was already deleted."

    def _react(self, rest: str, context: CommandContext) -> str:
        seq, emoji = message_number(rest, context.last)
        self._chat.react(context.room, seq, needed(emoji))
        return f"You reacted to #{seq} with {emoji}."

    def _reply(self, rest: str, context: CommandContext) -> str:
        seq, text = message_number(rest, context.last)
        self._chat.send(context.room, needed(text), seq)
        return ""

    def _search(self, rest: str, _context: CommandContext) -> str:
        found = self._chat.search(needed(rest), limit=MAX_FOUND)
        self._people.learn(message.sender for message in found.messages)
        lines = [self._hit(message) for message in reversed(found.messages)]
        if found.more:
            lines.insert(0, "There are older results; use more words to narrow the search.")
        return "\n".join(lines) or "No messages found."

    def _hit(self, message: Message) -> str:
        text = " ".join(message.text.split())
        if len(text) > QUOTED_CHARACTERS:
            text = text[:QUOTED_CHARACTERS] + "…"
        sender = self._people.shown(message.sender)
        room = self._rooms.shown(message.room)
        return f"{message.at[:10]} {room} #{message.seq} {sender}: {text}"

    def _read(self, _rest: str, context: CommandContext) -> str:
        if context.last is None:
            return "There are no messages here."
        self._chat.read(context.room, context.last.seq)
        return f"{self._rooms.shown(context.room)} is marked as read on all your devices."

    # People

    def _whois(self, rest: str, _context: CommandContext) -> str:
        name = only_name(rest)
        profiles = self._chat.people([name])
        if not profiles:
            raise NotFound(f"There is no account called {name!r}.")
        [profile] = profiles
        self._people.hear(profile)
        who = self._people.with_name(profile.name)
        return f"{who}, {profile.role}, {presence_text(profile, datetime.now(UTC))}"

    def _name(self, rest: str, _context: CommandContext) -> str:
        profile = self._chat.profile(display_name=rest)
        return f"Your display name is now {profile.display_name or profile.name}."

    def _colour(self, rest: str, _context: CommandContext) -> str:
        colour = next((each for each in COLOURS if each == rest.casefold()), None)
        if colour is None:
            raise BadPayload(f"The colours are {', '.join(COLOURS)}.")
        self._chat.profile(colour=colour)
        return f"Your avatar colour is now {colour}."

    def _status(self, rest: str, _context: CommandContext) -> str:
        state: State | None = next((each for each in get_args(State) if each == rest), None)
        if state is None:
            raise BadPayload(f"The states are {', '.join(get_args(State))}.")
        self._chat.status(state)
        return f"Your status is now {state}."

    # Moderation

    def _mute(self, rest: str, _context: CommandContext) -> str:
        name, more = first_name(rest)
        seconds, _, reason = more.partition(" ")
        if not (seconds.isascii() and seconds.isdigit()):
            raise WrongArguments
        self._chat.mute(name, int(seconds), reason.strip())
        return f"{name} is muted for {int(seconds)} s." if int(seconds) else f"{name} is unmuted."

    def _kick(self, rest: str, _context: CommandContext) -> str:
        name, reason = first_name(rest)
        self._chat.kick(name, needed(reason))
        return f"{name} was disconnected and can reconnect."

    def _ban(self, rest: str, _context: CommandContext) -> str:
        name, reason = first_name(rest)
        self._chat.ban(name, reason=needed(reason))
        return f"{name} is banned."

    def _unban(self, rest: str, _context: CommandContext) -> str:
        name = only_name(rest)
        self._chat.unban(name)
        return f"{name} is no longer banned."


class WrongArguments(Exception):
    """The arguments of a command are wrong."""


def message_number(rest: str, otherwise: Message | None) -> tuple[int, str]:
    """The number of the message, and the rest of the line."""
    number = re.fullmatch(r"#([0-9]{1,15})(?:\s+(.*))?", rest, re.DOTALL)
    if number:
        return int(number[1]), number[2] or ""
    if otherwise is None:
        raise NotFound("There is no such message here; give its number, such as #12.")
    return otherwise.seq, rest


def first_name(rest: str) -> tuple[str, str]:
    """A name, optionally with an @ or in quotes, and the rest of the line."""
    found = re.fullmatch(r'@?(?:"([^"]+)"|(\S+))(?:\s+(.*))?', rest, re.DOTALL)
    if not found:
        raise WrongArguments
    return found[1] or found[2], found[3] or ""


def only_name(rest: str) -> str:
    """The whole line as a name, which may contain spaces."""
    return needed(rest.removeprefix("@").strip('"'))


def needed(text: str) -> str:
    if not text.strip():
        raise WrongArguments
    return text
