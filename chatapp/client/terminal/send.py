"""`chatapp send`: posts a text or standard input, and exits once it is on the server's disk."""

import sys

from chatapp.client.chat import ChatClient
from chatapp.domain.errors import ChatError, Empty
from chatapp.standard_streams import input_lines

STANDARD_INPUT = "-"


def run(
    chat: ChatClient, *, room: str, words: tuple[str, ...], whole: bool, timeout: float
) -> None:
    from_input = words == (STANDARD_INPUT,)
    with chat:
        chat.join(room)
        if not from_input:
            chat.send(room, " ".join(words), timeout=timeout)
        elif whole:
            chat.send(room, "".join(input_lines()).rstrip("\n"), timeout=timeout)
        else:
            _send_lines(chat, room, timeout)


def _send_lines(chat: ChatClient, room: str, timeout: float) -> None:
    """Post each line as a message, skipping blank ones. Stops at the first failure."""
    sent = 0
    for number, line in enumerate(input_lines(), start=1):
        if not line.strip():
            continue
        try:
            chat.send(room, line.rstrip("\n"), timeout=timeout)
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
