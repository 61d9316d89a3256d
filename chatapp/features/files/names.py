"""The name of a file, as it is shown and saved: never a path, never what a reader cannot see."""

import re
import unicodedata

from chatapp.domain.limits import MAX_FILE_NAME_CHARACTERS
from chatapp.domain.visible import JOINERS

UNNAMED = "file"
MAX_ENDING_CHARACTERS = 20
"""Of a name that is cut, the ending stays, if it is no longer than this."""

_HIDDEN = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])
_BLANKS = re.compile(r"\s+")
_UNSAFE = re.compile(r'[<>:"|?*]')
"""What a disk of Windows refuses, or reads as something else."""


def cleaned(name: str) -> str:
    """The name without its folders and without characters that deceive, 1 to 200 characters."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(each for each in _BLANKS.sub(" ", last) if _is_shown(each))
    line = _BLANKS.sub(" ", unicodedata.normalize("NFC", shown))  # What was apart may meet now.
    safe = _UNSAFE.sub("_", line).strip(" .") or UNNAMED
    return safe if len(safe) <= MAX_FILE_NAME_CHARACTERS else _cut(safe)


def _is_shown(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in _HIDDEN


def _cut(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > MAX_ENDING_CHARACTERS:
        return name[:MAX_FILE_NAME_CHARACTERS].strip(" .")
    kept = stem[: MAX_FILE_NAME_CHARACTERS - len(ending) - 1].rstrip(" .")
    return f"{kept}.{ending}"
