"""Files of messages in a terminal: a name, a size, and where the bytes are.

A name is another person's text: what could command the terminal is replaced, here as in texts.
"""

import os
from collections.abc import Callable
from typing import TextIO

from rich.filesize import decimal

from chatapp.domain.model import FileInfo
from chatapp.domain.visible import visible

AddressOf = Callable[[FileInfo], str]
"""`ChatClient.address_of`."""
MARK = "📎"

_KNOWN_PROGRAMS = frozenset(["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"])
_KNOWN_VARIABLES = ("KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION", "DOMTERM")
_KNOWN_TERMS = ("foot", "alacritty", "xterm-kitty", "xterm-ghostty", "contour")
_FIRST_VTE = 5000


def file_text(file: FileInfo, address_of: AddressOf | None = None, *, links: bool = False) -> str:
    """`📎 cat.png, 120.4 kB, “a cat on a chair”`, and the address if there is a way to it.

    With `links`, the name is a link of the terminal (OSC 8) instead.
    """
    if file.removed:
        return f"{MARK} (removed, {decimal(file.bytes)})"
    name = visible(file.name)
    address = visible(address_of(file)) if address_of is not None else ""
    if links and address:
        name = f"\x1b]8;;{address}\x1b\\{name}\x1b]8;;\x1b\\"
    parts = [name, decimal(file.bytes)]
    if file.alt:
        parts.append(f"“{visible(file.alt)}”")
    shown = f"{MARK} {', '.join(parts)}"
    return f"{shown} {address}" if address and not links else shown


def has_links(stream: TextIO) -> bool:
    """Whether the terminal shows links, as far as it says who it is.

    https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
    """
    forced = os.environ.get("FORCE_HYPERLINK")
    if forced is not None:
        return stream.isatty() and forced not in ("", "0")
    term = os.environ.get("TERM", "")
    vte = os.environ.get("VTE_VERSION", "")
    return (
        stream.isatty()
        and not term.startswith(("screen", "tmux", "dumb"))
        and (
            os.environ.get("TERM_PROGRAM") in _KNOWN_PROGRAMS
            or any(name in os.environ for name in _KNOWN_VARIABLES)
            or term.startswith(_KNOWN_TERMS)
            or (vte.isascii() and vte.isdigit() and int(vte) >= _FIRST_VTE)
        )
    )
