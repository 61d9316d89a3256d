"""`chatapp tail`: prints a room's past and new messages to standard output.

Everything else, such as a lost connection, goes to standard error.
"""

import contextlib
import sys
from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from chatapp.client.chat import ChatClient
from chatapp.client.errors import ClientClosed
from chatapp.client.news import Connected, Disconnected, News, Reloaded
from chatapp.client.terminal.file_lines import has_links
from chatapp.client.terminal.outages import Outages
from chatapp.client.terminal.render import Transcript, table_line
from chatapp.client.terminal.streams import has_colour, when_reader_closes
from chatapp.domain.limits import MAX_HISTORY_LIMIT
from chatapp.domain.model import Message
from chatapp.standard_streams import printable_json

FIRST = 0
"""Seq 0: all messages are later."""


def run(
    chat: ChatClient,
    *,
    room: str,
    lines: int,
    since: int | None,
    as_json: bool,
    follow: bool,
    thread: int | None,
) -> None:
    show = json_line if as_json else _formatter(chat)
    chat.on_event = _report_gaps()
    with chat:
        past = (
            last_messages(chat, room, lines, thread)
            if since is None
            else after(chat, room, since, thread)
        )
        last = since if since is not None else (thread or FIRST if lines else None)
        for message in past:
            write(show(message))
            last = message.seq
        sys.stdout.flush()
        if follow:
            when_reader_closes(sys.stdout, chat.close)
            with contextlib.suppress(ClientClosed):  # the reader has closed the pipe
                for message in chat.messages(room, since=last, own=True):
                    if thread in (None, message.thread):
                        write(show(message))
                        sys.stdout.flush()


def last_messages(
    chat: ChatClient, room: str, lines: int, thread: int | None = None
) -> list[Message]:
    """The last `lines` messages, oldest first."""
    found: list[Message] = []
    while len(found) < lines:
        page = chat.history(
            room,
            thread=thread,
            before=found[0].seq if found else None,
            limit=min(lines - len(found), MAX_HISTORY_LIMIT),
        )
        found = page.messages + found
        if not page.more_before:
            break
    return found


def after(chat: ChatClient, room: str, seq: int, thread: int | None = None) -> Iterable[Message]:
    more = True
    while more:
        page = chat.history(room, thread=thread, after=seq, limit=MAX_HISTORY_LIMIT)
        yield from page.messages
        more = page.more_after and bool(page.messages)
        seq = page.messages[-1].seq if page.messages else seq


def json_line(message: Message) -> str:
    return printable_json(msgspec.json.encode(message).decode())


def write(line: str) -> None:
    sys.stdout.write(line + "\n")


def _formatter(chat: ChatClient) -> Callable[[Message], str]:
    """Aligned columns for people, tab-separated ones for programs."""
    if sys.stdout.isatty():
        return Transcript(
            colour=has_colour(sys.stdout),
            links=has_links(sys.stdout),
            address_of=chat.address_of,
        ).message
    return partial(table_line, address_of=chat.address_of)


def _report_gaps() -> Callable[[News], None]:
    outages = Outages(_print_error)

    def hear(news: News) -> None:
        match news:
            case Connected() | Disconnected():
                outages.hear(news)
            case Reloaded(room):
                _print_error(f"The log of {room} has changed; something may be missing here.")

    return hear


def _print_error(text: str) -> None:
    sys.stderr.write(f"chatapp: {text}\n")
    sys.stderr.flush()
