"""`/threads`, `/follow`, `/unfollow`, `/title` and `/move` of `chatapp chat`.

`/thread`, which shows a thread, is in conversation.py.
"""

import re

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommand,
    WrongArguments,
    needed,
    thread_number,
)
from chatapp.domain.errors import BadPayload
from chatapp.domain.visible import visible
from chatapp.protocol.values import ThreadInfo

SHOWN_THREADS = 20
QUOTED_CHARACTERS = 40

_NUMBERS = r"#?[0-9]{1,15}"
_MOVE = re.compile(
    rf"(?P<seqs>{_NUMBERS}(?:[\s,]+{_NUMBERS})*)\s+(?:"
    rf"to\s+thread\s+#?(?P<thread>[0-9]{{1,15}})|to\s+(?P<room>\S+)|(?P<out>out))"
)
OUT_OF_THREADS = 0


class ThreadCommands:
    def __init__(self, chat: ChatClient, rooms: KnownRooms) -> None:
        self._chat = chat
        self._rooms = rooms
        self.commands: dict[str, SlashCommand] = {
            "threads": self._threads,
            "follow": lambda rest, context: self._follow(rest, context, on=True),
            "unfollow": lambda rest, context: self._follow(rest, context, on=False),
            "title": self._title,
            "move": self._move,
        }

    def _threads(self, rest: str, context: CommandContext) -> str:
        if rest not in ("", "here"):
            raise WrongArguments
        page = self._chat.threads(context.room if rest else None, limit=SHOWN_THREADS)
        lines = [thread_line(each, self._rooms.shown(each.room)) for each in page.threads]
        if page.after is not None:
            lines.append(f"These are the {SHOWN_THREADS} with the newest replies.")
        return "\n".join(lines) or ("No threads here." if rest else "You follow no threads.")

    def _follow(self, rest: str, context: CommandContext, *, on: bool) -> str:
        thread = self._chat.follow(context.room, _thread(rest, context), on=on)
        return f"You {'now' if on else 'no longer'} follow the thread #{thread.thread}."

    def _title(self, rest: str, context: CommandContext) -> str:
        number, _, title = rest.partition(" ") if rest.startswith("#") else ("", "", rest)
        thread = _thread(number, context)
        self._chat.title(context.room, thread, title.strip())
        return f"The title of #{thread} was {'set' if title.strip() else 'removed'}."

    def _move(self, rest: str, context: CommandContext) -> str:
        found = _MOVE.fullmatch(needed(rest))
        if found is None:
            raise WrongArguments
        seqs = [int(number) for number in re.findall(r"[0-9]+", found["seqs"])]
        if found["room"]:
            there = self._chat.move(context.room, seqs, to_room=found["room"])
            numbers = ", ".join(f"#{seq}" for seq in there)
            return f"Moved to {visible(found['room'])}: {numbers} there."
        thread = OUT_OF_THREADS if found["out"] else int(found["thread"])
        self._chat.move(context.room, seqs, to_thread=thread)
        return f"Moved to the thread #{thread}." if thread else "Moved out of the thread."


def _thread(rest: str, context: CommandContext) -> int:
    """The thread of this number; without one, the thread that is open."""
    if rest:
        return thread_number(rest)
    if context.thread is None:
        raise BadPayload("Open a thread first, or give the number of its first message.")
    return context.thread


def title_of(thread: ThreadInfo) -> str:
    """Its title, or else the beginning of its first message, or the name of a file of that."""
    text = " ".join(thread.root.text.split())[:QUOTED_CHARACTERS]
    return thread.title or text or next((file.name for file in thread.root.files or ()), "")


def thread_line(thread: ThreadInfo, room: str) -> str:
    """`general #12 “Lunch”: 12 replies, 3 new, the last by ben`"""
    title = title_of(thread)
    count = f"{thread.count:,} {'reply' if thread.count == 1 else 'replies'}"
    parts = [
        count,
        *([f"{thread.unread:,} new"] if thread.unread else []),
        *([f"the last by {visible(thread.by[0])}"] if thread.by else []),
    ]
    return f"{visible(room)} #{thread.thread} “{visible(title)}”: {', '.join(parts)}"
