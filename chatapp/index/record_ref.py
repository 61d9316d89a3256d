"""The position of a record in the log."""

import msgspec


class RecordRef(msgspec.Struct, frozen=True):
    """A record of the index: its number, and the position of its line: the segment by first
    number, offset and size. Where they were asked for, its seq, and the thread that it is in now.
    """

    n: int
    first: int
    offset: int
    size: int
    seq: int = 0
    thread: int | None = None
