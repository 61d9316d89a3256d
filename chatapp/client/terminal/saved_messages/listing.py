"""`chatapp saved`: lists the messages that a person has saved for later."""

import sys
from collections.abc import Iterator

import msgspec

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.saved_messages.commands import due_text, missing, quoted
from chatapp.domain.visible import visible
from chatapp.protocol.values import Saved
from chatapp.standard_streams import printable_json


def run(chat: ChatClient, *, due: bool, as_json: bool) -> None:
    show = _json_line if as_json else _shown
    with chat:
        for saved in _all(chat):
            if due and not saved.due:  # those that are due come first
                return
            sys.stdout.write(show(saved) + "\n")


def _all(chat: ChatClient) -> Iterator[Saved]:
    after: str | None = None
    while True:
        page = chat.saved(after=after)
        yield from page.saved
        if page.after is None:
            return
        after = page.after


def _shown(saved: Saved) -> str:
    """A line for people; for programs, its fields are separated by tabs."""
    message = saved.message
    problem = missing(message)
    sender = message.sender if message and not problem else ""
    text = quoted(message) if message and not problem else f"({problem})"
    if sys.stdout.isatty():
        said = f"{visible(sender)}: {text}" if sender else text
        return f"{due_text(saved)}{visible(saved.room)} #{saved.seq} {said}"
    state = "due" if saved.due else ""
    numbers = [saved.saved_at, saved.remind_at or "", state, saved.room, str(saved.seq)]
    return "\t".join([*numbers, visible(sender), text])


def _json_line(saved: Saved) -> str:
    return printable_json(msgspec.json.encode(saved).decode())
