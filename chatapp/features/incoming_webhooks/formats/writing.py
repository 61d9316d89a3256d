"""Writes Markdown out of what other programs say: words that stay words, links, code, quotes.

`plain` and what builds on it never let a text of others become formatting, or change the direction
of the line around it. (An underscore has no escape in the Markdown of this chat; emphasis is the
worst that it can do.)
"""

import re
from datetime import UTC, datetime
from urllib.parse import quote

MAX_LINE_CHARACTERS = 300
MAX_URL_CHARACTERS = 2000
SQUARES = {
    "red": "🟥",
    "orange": "🟧",
    "yellow": "🟨",
    "green": "🟩",
    "blue": "🟦",
    "purple": "🟪",
    "brown": "🟫",
    "grey": "⬜",
}
_MARKS = re.compile(r"[*`~\[\]$]|#(?!\d)")
_ESCAPES = re.compile(r"(?<!\\)\\++(?=[*`~\[\]#$@])")
"""Backslashes before a mark; from their first one only, so the time is linear."""
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
"""Control characters, and those that are invisible or change the direction of a text."""
_WEB = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_SAFE_IN_URL = "!#$%&'*+,-./:;=?@_~[]"


def seen(text: str) -> str:
    """A text of several lines without invisible characters."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n"))


def one_line(text: str, most: int = MAX_LINE_CHARACTERS) -> str:
    """A text on one line of at most this number of characters."""
    line = " ".join(seen(text[: 4 * most]).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def plain(text: str) -> str:
    """Words that mean no formatting."""
    return _MARKS.sub(r"\\\g<0>", _ESCAPES.sub("", seen(text)))


def line(text: str, most: int = MAX_LINE_CHARACTERS) -> str:
    """Words on one line that mean no formatting."""
    return plain(one_line(text, most)).rstrip("\\")


def bold(markdown: str) -> str:
    return f"**{markdown}**" if markdown else ""


def code(text: str, most: int = MAX_LINE_CHARACTERS) -> str:
    """A word such as the name of a branch."""
    shown = one_line(text, most).replace("`", "'")
    return f"`{shown}`" if shown else ""


def block(text: str) -> str:
    """Several lines of code."""
    inside = seen(text).replace("```", "'''").strip("\n")
    return f"```\n{inside}\n```" if inside.strip() else ""


def link(label: str, url: str) -> str:
    """A link with a label of plain words; the label alone if the address is not of the web."""
    return linked(line(label), url)


def linked(markdown: str, url: str) -> str:
    """The same with a label in Markdown."""
    address = web_address(url)
    if not address:
        return markdown
    return f"[{markdown}]({address})" if markdown else address


def web_address(url: str) -> str:
    """The address in a form that fits into Markdown; empty if it is not one of the web."""
    if not _WEB.match(url) or len(url) > MAX_URL_CHARACTERS:
        return ""
    return quote(url, safe=_SAFE_IN_URL, errors="replace")


def quoted(markdown: str) -> str:
    return "\n".join(f"> {each}".rstrip() for each in markdown.split("\n"))


def excerpt(markdown: str, lines: int = 6, characters: int = 600) -> str:
    """The first lines of a text in Markdown, such as the description of an issue."""
    text = seen(markdown).strip()
    kept = "\n".join(text.split("\n")[:lines])[:characters].rstrip()
    if kept.count("```") % 2:
        kept += "\n```"
    return kept if kept == text or not kept else f"{kept} …"


def square(colour: str) -> str:
    """A square for a word of Slack or `#rrggbb`; empty for any other."""
    named = {"good": "green", "warning": "yellow", "danger": "red"}.get(colour.lower())
    if named is None:
        named = _hue(colour)
    return SQUARES[named] if named else ""


def _hue(colour: str) -> str | None:
    found = re.fullmatch(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", colour.strip())
    if found is None:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    most, least = max(red, green, blue), min(red, green, blue)
    if most - least < 40:
        return "grey"
    if most == red:
        hue = 60 * (green - blue) / (most - least) % 360
    elif most == green:
        hue = 60 * (blue - red) / (most - least) + 120
    else:
        hue = 60 * (red - green) / (most - least) + 240
    bounds = ((18, "red"), (42, "orange"), (68, "yellow"), (170, "green"), (255, "blue"))
    return next((name for end, name in bounds if hue < end), "purple" if hue < 335 else "red")


def moment(seconds: float) -> str:
    """`2026-11-30 15:50 UTC`, for seconds since 1970; empty if there is no such time."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""


def cut(text: str, most: int) -> str:
    """A text of at most this number of bytes in UTF-8, with a note if some of it is missing."""
    encoded = text.encode(errors="replace")
    if len(encoded) <= most:
        return encoded.decode()
    note = "\n\n… (shortened: the message was too long)"
    kept = encoded[: most - len(note.encode()) - len("\n```")].decode(errors="ignore").rstrip()
    if kept.count("```") % 2:
        kept += "\n```"
    return kept + note


def joined(*paragraphs: str) -> str:
    """Those that are not empty, one under the other."""
    return "\n".join(each for each in paragraphs if each.strip())
