"""The slash commands that send one request and print a line with its result.

Commands that switch rooms or show messages are in conversation.py. `#12` refers to a message by
number; without a number, a command uses the last suitable message.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.commands import HELP, InputLine
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.people_names import PeopleNames, presence_text
from chatapp.client.terminal.statuses.lines import status_line
from chatapp.domain.errors import BadPayload, NotFound
from chatapp.domain.limits import MAX_NAME_CHARACTERS
from chatapp.domain.model import COLOURS, Message
from chatapp.protocol.values import Profile

MAX_FOUND = 10
QUOTED_CHARACTERS = 60


class CommandContext(NamedTuple):
    """The context of a command: its room, the last messages there, and the open thread."""

    room: str
    last: Message | None
    last_own: Message | None
    thread: int | None = None


SlashCommand = Callable[[str, CommandContext], str]
"""Takes the rest of the line, and returns a note about the result."""


class SlashCommands:
    """`do` returns a note about the result; raises the `ChatError` of a refusal."""

    def __init__(
        self,
        chat: ChatClient,
        people: PeopleNames,
        rooms: KnownRooms,
        more: Mapping[str, SlashCommand],
    ) -> None:
        """`more` are commands of the same kind that are defined elsewhere."""
        self._chat = chat
        self._people = people
        self._rooms = rooms
        self._acts: dict[str, SlashCommand] = {
            **more,
            "topic": self._topic,
            "invite": self._invite,
            "remove": self._remove,
            "rename": self._rename,
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
            "photo": self._photo,
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
        names = several_names(rest, self._chat.people)
        for name in names:
            self._chat.invite(context.room, name)
        were = "was" if len(names) == 1 else "were"
        return f"{', '.join(names)} {were} added to the room."

    def _remove(self, rest: str, context: CommandContext) -> str:
        name = only_name(rest)
        self._chat.remove(context.room, name)
        return f"{name} was removed from {self._rooms.shown(context.room)}."

    def _rename(self, rest: str, context: CommandContext) -> str:
        room = self._chat.update(context.room, title=rest)
        self._rooms.hear(room)
        is_direct = room.kind == "direct"
        return f"This is now called {self._rooms.shown(room.name) if is_direct else room.title}."

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
        self._chat.send(context.room, needed(text), seq, thread=self._thread_of(seq, context))
        return ""

    def _thread_of(self, seq: int, context: CommandContext) -> int | None:
        """The thread that a reply to this message goes to."""
        if context.last is not None and seq == context.last.seq:
            return context.last.thread or context.thread
        found = self._chat.history(context.room, around=seq, limit=1).messages
        thread = next((message.thread for message in found if message.seq == seq), None)
        return thread or context.thread

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
        if context.thread is not None:
            self._chat.read(context.room, context.last.seq, thread=context.thread)
            return f"The thread #{context.thread} is marked as read on all your devices."
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
        role = f"bot of {profile.owner}" if profile.owner else profile.role
        about = f"{who}, {role}, {presence_text(profile, datetime.now(UTC))}"
        return f"{about}, {status_line(profile.status)}" if profile.status else about

    def _name(self, rest: str, _context: CommandContext) -> str:
        profile = self._chat.profile(display_name=rest)
        return f"Your display name is now {profile.display_name or profile.name}."

    def _colour(self, rest: str, _context: CommandContext) -> str:
        colour = next((each for each in COLOURS if each == rest.casefold()), None)
        if colour is None:
            raise BadPayload(f"The colours are {', '.join(COLOURS)}.")
        self._chat.profile(colour=colour)
        return f"Your avatar colour is now {colour}."

    def _photo(self, rest: str, _context: CommandContext) -> str:
        if not rest:
            raise WrongArguments
        self._chat.photo(None if rest == "none" else Path(rest).expanduser())
        return "You have no photo now." if rest == "none" else "Others see your photo now."

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


def thread_number(rest: str) -> int:
    """The number of a message, `#12` or `12`."""
    found = re.fullmatch(r"#?([0-9]{1,15})", rest.strip())
    if found is None:
        raise BadPayload("Give the number of a message, such as #12.")
    return int(found[1])


def first_name(rest: str) -> tuple[str, str]:
    """A name, optionally with an @ or in quotes, and the rest of the line."""
    found = re.fullmatch(r'@?(?:"([^"]+)"|(\S+))(?:\s+(.*))?', rest, re.DOTALL)
    if not found:
        raise WrongArguments
    return found[1] or found[2], found[3] or ""


def several_names(rest: str, ask: Callable[[list[str]], list[Profile]]) -> list[str]:
    """Names between spaces or commas. A name with spaces is in quotes, or between commas, or alone:
    `ask` gives those of these people who have an account."""
    typed = needed(rest).strip()
    if "," in typed:
        found = [part.strip().removeprefix("@").strip('"') for part in typed.split(",")]
        names = [name for name in found if name.strip()]
    else:
        names = _between_spaces(typed, ask)
    if not names:
        raise WrongArguments
    return names


def _between_spaces(typed: str, ask: Callable[[list[str]], list[Profile]]) -> list[str]:
    names = [
        quoted or plain for quoted, plain in re.findall(r'@?(?:"([^"]+)"|([^\s"@][^\s"]*))', typed)
    ]
    alone = typed.removeprefix("@")
    if len(names) > 1 and '"' not in typed and len(alone) <= MAX_NAME_CHARACTERS and ask([alone]):
        return [alone]
    return names


def only_name(rest: str) -> str:
    """The whole line as a name, which may contain spaces."""
    return needed(rest.removeprefix("@").strip('"'))


def needed(text: str) -> str:
    if not text.strip():
        raise WrongArguments
    return text
