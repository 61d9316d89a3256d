"""The head of a record of the log: what its hash covers, in the order of its bytes."""

from typing import Literal

import msgspec

from chatapp.domain.model import EventType, Forwarded, MovedFrom, MovedTo, SystemLine

RecordType = EventType | Literal["lost"]
"""`lost` replaces an event that `chatapp log repair` could not recover."""


class EventHead(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The head of a line of messages/, without its body. Fields are written in this order."""

    v: int
    n: int
    batch: int
    more: int
    room: str
    seq: int
    type: RecordType
    sender: str
    by: str | None = None
    at: str = ""  # Always set: only fields after an optional one need a default.
    cid: str | None = None
    reply_to: int | None = None
    target: int | None = None
    emoji: str | None = None
    on: bool | None = None
    vote: list[int] | None = None
    system: SystemLine | None = None
    thread: int | None = None
    also_to_room: bool | None = None
    moved_from: MovedFrom | None = None
    moved_to: MovedTo | None = None
    forwarded: Forwarded | None = None
    blobs: list[str] | None = None
