"""The threads, moves and originals of imported messages: what refers to a message has its number
here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from chatapp.domain.clock import timestamp
from chatapp.domain.limits import checked_id, checked_name
from chatapp.domain.model import Event, Forwarded, MovedFrom, MovedTo, SystemLine

SeqOf = Callable[[str, int], int | None]
"""The number here of a message of a room of the import; None if it was not imported."""
NameOf = Callable[[str], str]
"""Turns a row's room into the name of a room."""


def threads_of(event: Event, seq_of: SeqOf, name_of: NameOf) -> dict[str, Any]:
    """The fields of a draft. A reply whose thread is not there is shown in the room."""
    thread = seq_of(event.room, event.thread) if event.thread else None
    return {
        "thread": thread,
        "also_to_room": (event.also_to_room or None) if thread else None,
        "moved_from": _moved_from(event.moved_from, seq_of, name_of),
        "moved_to": _moved_to(event.moved_to, seq_of, name_of),
        "forwarded": _forwarded(event.forwarded, seq_of, name_of),
        "system": _line(event, seq_of, name_of),
    }


def _line(event: Event, seq_of: SeqOf, name_of: NameOf) -> SystemLine | None:
    line = event.system
    if line is None or (line.thread is None and line.seqs is None):
        return line
    seqs = [seq_of(event.room, seq) for seq in line.seqs or ()]
    thread = seq_of(event.room, line.thread) if line.thread else None
    if line.thread and thread is None and line.what == "moved":  # its thread is not there
        seqs = []
    return replace(
        line,
        thread=thread,
        seqs=None if line.seqs is None else [seq for seq in seqs if seq is not None],
        room=line.room and name_of(line.room),
    )


def _moved_from(moved: MovedFrom | None, seq_of: SeqOf, name_of: NameOf) -> MovedFrom | None:
    if moved is None:
        return None
    seq = seq_of(moved.room, moved.seq)
    at = timestamp(datetime.fromisoformat(moved.at))
    if seq is None:
        return MovedFrom(room="", seq=0, at=at)
    return MovedFrom(room=name_of(moved.room), seq=seq, at=at)


def _forwarded(forwarded: Forwarded | None, seq_of: SeqOf, name_of: NameOf) -> Forwarded | None:
    if forwarded is None:
        return None
    seq = seq_of(forwarded.room, forwarded.seq)
    return Forwarded(
        sender=checked_name(forwarded.sender),
        by=None if forwarded.by is None else checked_id(forwarded.by),
        at=timestamp(datetime.fromisoformat(forwarded.at)),
        room=name_of(forwarded.room) if seq else "",
        seq=seq or 0,
        private=forwarded.private,
    )


def _moved_to(moved: MovedTo | None, seq_of: SeqOf, name_of: NameOf) -> MovedTo | None:
    if moved is None:
        return None
    seq = seq_of(moved.room, moved.seq)
    return MovedTo(room=name_of(moved.room), seq=seq) if seq else MovedTo(room="", seq=0)
