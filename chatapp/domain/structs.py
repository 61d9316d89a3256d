"""Prepares structs that several threads decode.

msgspec analyses a struct when it decodes the first one. Two threads that do so at the same moment
crash the interpreter (seen with msgspec 0.22: a segmentation fault of a server in its first
second). So every decoded type gets its decoder at import time, from a `msgspec.json.Decoder` or
from `prepare`; tests/test_structs.py finds missing ones.
"""

from collections.abc import Iterable
from typing import Any

import msgspec


def prepare(types: Iterable[Any]) -> None:
    """Make msgspec analyse these types now, with all types that they contain."""
    for type in types:
        msgspec.json.Decoder(type)
