"""`chatapp threads`: lists the threads that a person follows, or those of a room."""

import sys
from collections.abc import Iterator

import msgspec

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.thread_commands import thread_line, title_of
from chatapp.domain.visible import visible
from chatapp.protocol.values import ThreadInfo
from chatapp.standard_streams import printable_json


def run(chat: ChatClient, *, room: str | None, unread: bool, as_json: bool) -> None:
    show = _json_line if as_json else _shown
    with chat:
        for thread in _all(chat, room, unread=unread):
            sys.stdout.write(show(thread) + "\n")


def _all(chat: ChatClient, room: str | None, *, unread: bool) -> Iterator[ThreadInfo]:
    after: str | None = None
    while True:
        page = chat.threads(room, unread=unread, after=after)
        yield from page.threads
        if page.after is None:
            return
        after = page.after


def _shown(thread: ThreadInfo) -> str:
    """A line for people; for programs, its fields are separated by tabs."""
    if sys.stdout.isatty():
        return thread_line(thread, thread.room)
    title = visible(title_of(thread))
    numbers = (thread.thread, thread.count, thread.unread)
    return "\t".join([thread.last, thread.room, *map(str, numbers), title])


def _json_line(thread: ThreadInfo) -> str:
    return printable_json(msgspec.json.encode(thread).decode())
