"""What only streams over HTTP say. (docs/streams.md)"""

from typing import Literal

import msgspec

from chatapp.domain.model import Event

StreamedType = Literal["message", "edit", "delete", "react"]


class StreamReady(msgspec.Struct, frozen=True, kw_only=True):
    """Everything up to `seq` has been sent on this stream, and what follows comes as it happens.
    If it is not `recovered`, there are gaps before that: the event from which it should have gone
    on does not exist here."""

    room: str
    seq: int
    epoch: str
    recovered: bool


class RoomsReady(msgspec.Struct, frozen=True, kw_only=True):
    """The same for a stream of several rooms."""

    epoch: str
    recovered: bool


class RoomAdded(msgspec.Struct, frozen=True, kw_only=True):
    """From now on, this stream has the events of another room as well: those after `seq`."""

    room: str
    seq: int


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a stream of several rooms, and the place in all rooms that is behind it."""

    id: str
    data: Event | RoomsReady
