"""Takes the README apart: its snippets, its commands, and how they are to be tried.

A comment above a fence says how, which a reader of the page does not see:

    <!-- run against a server -->               runs to its end, without an error
    <!-- run against a server, as a bot -->     runs on and on; a test of its own talks to it

Indented lines are commands; what stands two or more spaces to the right is said of them.
"""

import re
from pathlib import Path
from typing import NamedTuple

from tests.support.checkout import ROOT

README = ROOT / "README.md"

_FENCE = re.compile(
    r"(?:^<!--\s*(?P<how>.*?)\s*-->\s*\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_COMMAND = re.compile(r"^ {4}(\S.*?)(?: {2,}\S.*)?$", re.MULTILINE)


class Snippet(NamedTuple):
    """What stands in one fence. `how` is the comment above it, empty where there is none."""

    how: str
    language: str
    text: str


def snippets(page: Path = README) -> list[Snippet]:
    return [
        Snippet(found["how"] or "", found["language"], found["text"])
        for found in _FENCE.finditer(page.read_text())
    ]


def commands(page: Path = README) -> list[str]:
    return _COMMAND.findall(_FENCE.sub("", page.read_text()))


def pointed_at(port: int, text: str) -> str:
    """The same for a server on another port."""
    return text.replace("localhost:8080", f"localhost:{port}")
