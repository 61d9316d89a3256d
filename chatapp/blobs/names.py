"""The names of blobs, and what may go wrong with one.

9f86d0…0a08           the bytes whose SHA-256 this is, in hexadecimal
9f86d0…0a08.preview   made from them, and removed with them
"""

import re

PART_BYTES = 256 * 1024
"""Most bytes that `read` gives at once."""

_NAME = re.compile(r"[0-9a-f]{64}(?:\.[a-z]{1,16})?")


class BlobMissing(Exception):
    """There are no bytes of this name."""


class BlobsUnavailable(Exception):
    """The bytes cannot be reached or kept now. The message says why."""


def checked(name: str) -> str:
    """The name; raises `ValueError` if it is none: names become paths."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a blob")
    return name


def original_of(name: str) -> str:
    """The SHA-256 of the bytes from which this blob was made; of others, the name."""
    return name.partition(".")[0]
