"""`chatapp send`: says something, or what standard input says, and ends when it is on disk."""

import sys
from collections.abc import Iterator

from chatapp.client.chat import ChatClient
from chatapp.errors import BadPayload, ChatError, Empty

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
            chat.send(room, "".join(_lines()).rstrip("\n"), timeout=timeout)
        else:
            _send_lines(chat, room, timeout)


def _send_lines(chat: ChatClient, room: str, timeout: float) -> None:
    """A message a line; blank lines say nothing. Stops at the first that cannot be sent."""
    sent = 0
    for number, line in enumerate(_lines(), start=1):
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
        raise Empty("There was nothing to send on standard input.")


def _lines() -> Iterator[str]:
    """The lines of standard input. Split at line feeds only, each message as it was written."""
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            yield line.decode().replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise BadPayload(f"Line {number} of standard input is not UTF-8.") from None


def _report(sent: int) -> None:
    """Progress, for who watches a long input go out."""
    if sys.stderr.isatty() and not sys.stdin.isatty():
        sys.stderr.write(f"\r{sent:,} sent")
        sys.stderr.flush()
