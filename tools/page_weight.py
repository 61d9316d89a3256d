"""Says what the first visit of the chat page is made of: `python -m tools.page_weight`.

For each module of chat.js and each style sheet: by how many bytes the compressed file would be
smaller without it. tests/page/test_weight.py limits the whole.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import brotli

from chatapp.resources import TEMPLATES, style_sheets
from chatapp.web.compression import FILE_QUALITY, without_breaks, without_layout
from chatapp.web.modules import CHAT, ON_TOP, Joiner

_MODULE = re.compile(r"^(?=// \S+\.js$)", re.MULTILINE)
_SHEETS = re.compile(r'"([a-z-]+)"')


def main() -> None:
    joined = Joiner().join(CHAT, continued_by=ON_TOP)
    modules = _MODULE.split(joined)
    report("chat.js", [(part.split("\n", 1)[0][3:], part.encode()) for part in modules if part])
    base = between(TEMPLATES / "base.html", "{{ sheets(", ") }}")
    early = between(TEMPLATES / "chat.html", "set early = [", "]")
    for name, sheets in (("the sheets of all pages", base), ("the sheets of the chat", early)):
        report(name, [(sheet, css(sheet)) for sheet in _SHEETS.findall(sheets)])


def report(name: str, parts: list[tuple[str, bytes]]) -> None:
    whole = weight(content for _, content in parts)
    print(f"{whole:7,}  {name}")
    shares = []
    for at, (part, _) in enumerate(parts):
        others = parts[:at] + parts[at + 1 :]
        shares.append((whole - weight(content for _, content in others), part))
    for share, part in sorted(shares, reverse=True):
        print(f"{share:7,}    {part}")


def weight(contents: Iterable[bytes]) -> int:
    return len(brotli.compress(b"".join(contents), quality=FILE_QUALITY))


def css(sheet: str) -> bytes:
    return without_breaks(without_layout(style_sheets()[sheet].read_bytes()))


def between(path: Path, start: str, end: str) -> str:
    return path.read_text("utf-8").split(start, 1)[1].split(end, 1)[0]


if __name__ == "__main__":
    main()
