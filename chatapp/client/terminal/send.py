"""`chatapp send`: posts a text, files or standard input, and exits once they are on the server's
disk. With a time, the server sends them then; the message's id and time are printed."""

import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

from chatapp.client.chat import ChatClient
from chatapp.client.files.sources import FileSource
from chatapp.client.terminal.scheduled.commands import shown_time
from chatapp.client.terminal.scheduled.moments import moment_of
from chatapp.client.terminal.transfer_bars import Bar, TransferBars
from chatapp.domain.errors import ChatError, Empty
from chatapp.domain.model import Message
from chatapp.standard_streams import input_lines

STANDARD_INPUT = "-"

Send = Callable[[str], Message]


class SentFiles(NamedTuple):
    """Paths, or - for standard input, which has the name `input_name`; `alts` describe them."""

    paths: tuple[str, ...]
    alts: tuple[str, ...]
    input_name: str

    @property
    def sources(self) -> list[FileSource]:
        return [
            (self.input_name, sys.stdin.buffer) if path == STANDARD_INPUT else path
            for path in self.paths
        ]


def run(
    chat: ChatClient,
    *,
    room: str,
    words: tuple[str, ...],
    whole: bool,
    timeout: float,
    attachments: SentFiles,
    thread: int | None,
    also_to_room: bool,
    bar: Bar,
    at: str | None = None,
) -> None:
    from_input = words == (STANDARD_INPUT,)
    with chat, TransferBars(bar) as bars:
        chat.join(room)
        send = partial(
            chat.send,
            room,
            files=attachments.sources,
            alt=attachments.alts,
            thread=thread,
            also_to_room=also_to_room,
            progress=bars,
            timeout=timeout,
        )
        if at is not None:
            moment = moment_of(at, datetime.now().astimezone())
            text = "".join(input_lines()).rstrip("\n") if from_input else " ".join(words)
            kept = chat.schedule(
                room,
                text,
                at=moment,
                files=attachments.sources,
                alt=attachments.alts,
                thread=thread,
                also_to_room=also_to_room,
                progress=bars,
            )
            sys.stdout.write(f"{kept.id}\t{shown_time(kept.at)}\n")
        elif not from_input:
            send(" ".join(words))
        elif whole:
            send("".join(input_lines()).rstrip("\n"))
        else:
            _send_lines(send)


def _send_lines(send: Send) -> None:
    """Post each line as a message, skipping blank ones. Stops at the first failure."""
    sent = 0
    for number, line in enumerate(input_lines(), start=1):
        if not line.strip():
            continue
        try:
            send(line.rstrip("\n"))
        except ChatError as error:
            error.message = f"Line {number}: {error.message} ({sent} sent before it.)"
            raise
        sent += 1
        _report(sent)
    if not sent:
        raise Empty("Standard input was empty; nothing was sent.")


def _report(sent: int) -> None:
    """Progress of a long input, for a person at a terminal."""
    if sys.stderr.isatty() and not sys.stdin.isatty():
        sys.stderr.write(f"\r{sent:,} sent")
        sys.stderr.flush()
