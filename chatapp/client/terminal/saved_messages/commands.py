"""`/save`, `/unsave` and `/saved` of `chatapp chat`, and what a reminder looks like."""

import re
from datetime import datetime

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.people_names import PeopleNames
from chatapp.client.terminal.saved_messages.moments import moment_of
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommand,
    WrongArguments,
    message_number,
)
from chatapp.domain.model import Message
from chatapp.domain.visible import visible
from chatapp.protocol.pushes import Reminder
from chatapp.protocol.values import Saved

SHOWN_SAVED = 20
QUOTED_CHARACTERS = 60


class SavedCommands:
    def __init__(self, chat: ChatClient, people: PeopleNames, rooms: KnownRooms) -> None:
        self._chat = chat
        self._people = people
        self._rooms = rooms
        self.commands: dict[str, SlashCommand] = {
            "save": self._save,
            "unsave": self._unsave,
            "saved": self._saved,
        }
        self._told: set[tuple[str, int, str | None]] = set()
        """Reminders that were shown."""

    def told(self, reminder: Reminder | Saved) -> str:
        """What to show of a reminder, now that it is shown."""
        self._told.add(_key(reminder))
        where = f"{self._rooms.shown(reminder.room)} #{reminder.seq}"
        return f"Reminder: {where} {self._quoted(reminder.message)}"

    def missed(self) -> list[str]:
        """What to show of the reminders that came while there was no connection."""
        page = self._chat.saved(limit=SHOWN_SAVED)
        due = [each for each in page.saved if each.due and _key(each) not in self._told]
        self._people.learn(each.message.sender for each in due if each.message)
        return [self.told(each) for each in due]

    def _save(self, rest: str, context: CommandContext) -> str:
        seq, when = message_number(rest, context.last)
        at = moment_of(when, datetime.now().astimezone()) if when.strip() else None
        saved = self._chat.save(context.room, seq, remind_at=at)
        until = f"; you are reminded {shown_time(saved.remind_at)}" if saved.remind_at else ""
        return f"#{seq} is saved{until}."

    def _unsave(self, rest: str, context: CommandContext) -> str:
        """`#12` of this room, or `ROOM #12`: what one saved is often elsewhere."""
        found = re.fullmatch(r"(?:([^#\s]\S*)\s+)?#([0-9]{1,15})", rest)
        if found is None:
            raise WrongArguments
        self._chat.unsave(found[1] or context.room, int(found[2]))
        return f"#{found[2]} is no longer saved."

    def _saved(self, rest: str, _context: CommandContext) -> str:
        if rest:
            raise WrongArguments
        page = self._chat.saved(limit=SHOWN_SAVED)
        self._people.learn(each.message.sender for each in page.saved if each.message)
        lines = [self._line(each) for each in page.saved]
        if page.after is not None:
            lines.append(f"These are the first {SHOWN_SAVED}; chatapp saved lists all.")
        return "\n".join(lines) or "You have saved nothing."

    def _line(self, saved: Saved) -> str:
        where = f"{self._rooms.shown(saved.room)} #{saved.seq}"
        return f"{due_text(saved)}{where} {self._quoted(saved.message)}"

    def _quoted(self, message: Message | None) -> str:
        problem = missing(message)
        if message is None or problem:
            return f"({problem})"
        return f"{self._people.shown(message.sender)}: {quoted(message)}"


def _key(reminder: Reminder | Saved) -> tuple[str, int, str | None]:
    return reminder.room, reminder.seq, reminder.remind_at


def missing(message: Message | None) -> str:
    """What to say in place of a message that cannot be read any more; "" for one that can."""
    if message is None:
        return "you cannot see it any more"
    if message.moved_to is not None:
        there = f" to {message.moved_to.room} #{message.moved_to.seq}"
        return f"it was moved{there if message.moved_to.room else ' to another room'}"
    if message.deleted_by is not None:
        return "it was deleted"
    return "it was erased" if message.erased_at is not None else ""


def quoted(message: Message) -> str:
    """The beginning of its text, or the name of a file of it."""
    text = " ".join(message.text.split())
    text = f"{text[:QUOTED_CHARACTERS]}…" if len(text) > QUOTED_CHARACTERS else text
    return visible(text or next((file.name for file in message.files or ()), ""))


def due_text(saved: Saved) -> str:
    """`due  `, `Tue 1 Dec 09:00  ` or nothing."""
    if saved.due:
        return "due  "
    return f"{shown_time(saved.remind_at)}  " if saved.remind_at else ""


def shown_time(at: str | None) -> str:
    """A time in the time zone of this computer."""
    moment = datetime.fromisoformat(at or "").astimezone()
    return f"{moment:%a} {moment.day} {moment:%b %H:%M}"
