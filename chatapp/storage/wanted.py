"""Whose texts are to be erased: those of a person, of a person in a room, or of one message."""

from functools import cached_property

import msgspec

from chatapp.storage.format import Record


class Wanted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, dict=True):
    """What is not given may be anything; a message's edits are wanted with it."""

    sender: str | None = None
    room: str | None = None
    seq: int | None = None

    def fits(self, record: Record) -> bool:
        return (
            (self.sender is None or record.sender == self.sender)
            and (self.room is None or record.room == self.room)
            and (self.seq is None or self.seq in (record.seq, record.target))
        )

    def may_be_in(self, line: bytes) -> bool:
        """Whether a line could fit; quicker than to decode it, and never wrong about a no."""
        return all(part in line for part in self._parts)

    @cached_property
    def _parts(self) -> list[bytes]:
        said = {"sender": self.sender, "room": self.room}
        return [
            b'"%b":%b' % (name.encode(), msgspec.json.encode(value))
            for name, value in said.items()
            if value is not None
        ]
