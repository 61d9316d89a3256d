"""`chatapp scheduled`: lists and cancels scheduled messages."""

import sys

import msgspec

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.scheduled.commands import scheduled_line
from chatapp.domain.visible import visible
from chatapp.protocol.values import Scheduled
from chatapp.standard_streams import printable_json


def run(
    chat: ChatClient, *, room: str | None = None, as_json: bool = False, cancel: tuple[str, ...]
) -> None:
    with chat:
        for id in cancel:
            chat.unschedule(id)
        if cancel:
            return
        for scheduled in chat.scheduled(room):
            sys.stdout.write((_json_line if as_json else _shown)(scheduled) + "\n")


def _shown(scheduled: Scheduled) -> str:
    """A line for people; for programs, its fields are separated by tabs."""
    if sys.stdout.isatty():
        return f"{scheduled.id}  {scheduled_line(scheduled, scheduled.room)}"
    refused = scheduled.refused.message if scheduled.refused else ""
    fields = (scheduled.id, scheduled.at, scheduled.room, refused, scheduled.text)
    return "\t".join(map(visible, fields))


def _json_line(scheduled: Scheduled) -> str:
    return printable_json(msgspec.json.encode(scheduled).decode())
