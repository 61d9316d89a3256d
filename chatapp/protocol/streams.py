"""What only streams over HTTP say. (docs/api.md)"""

import msgspec


class StreamReady(msgspec.Struct, frozen=True, kw_only=True):
    """Everything up to `seq` has been sent on this stream, and what follows comes as it happens.
    If it is not `recovered`, there are gaps before that: the event from which it should have gone
    on does not exist here."""

    room: str
    seq: int
    epoch: str
    recovered: bool
