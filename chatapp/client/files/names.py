"""Names for files that come from other people: never in another folder, and never hidden."""

import re
import unicodedata

MAX_NAME_BYTES = 200
"""File systems allow 255; the name of an unfinished download is longer."""
NAMELESS = "file"

_FORBIDDEN = frozenset('/\\:*?"<>|')
"""On the systems that people have; https://learn.microsoft.com/windows/win32/fileio/naming-a-file"""
_COMMANDING = frozenset(["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"])
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)")


def safe_name(name: str) -> str:
    """A name for a new file in any folder: `../x` is `_x`, `.profile` is `profile`."""
    harmless = "".join("_" if _is_bad(character) else character for character in name)
    kept = harmless.strip(" ").lstrip(". ").rstrip(". ")
    if _RESERVED.match(kept):
        kept = f"_{kept}"
    return _shortened(kept) or NAMELESS


def _is_bad(character: str) -> bool:
    return character in _FORBIDDEN or unicodedata.category(character) in _COMMANDING


def _shortened(name: str) -> str:
    """The name with at most so many bytes, and its ending."""
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending.encode()) > 20:
        stem, dot, ending = name, "", ""
    room = MAX_NAME_BYTES - len((dot + ending).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + ending
