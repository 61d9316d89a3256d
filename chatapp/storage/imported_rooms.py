"""Rooms for messages that were imported: what nobody can enter, nobody can read.

A file of messages does not say who may see a room. One that is not there yet is made for those
who wrote in it, unless it is to be public.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from chatapp.limits import name_key
from chatapp.model import GENERAL, Room, RoomKind
from chatapp.storage.directory import Directory

TABLE = "rooms"


def make_rooms(folder: Path, writers: Mapping[str, Iterable[str]], *, public: bool) -> list[str]:
    """Makes the rooms that are not there, and gives their names."""
    directory = Directory.open(folder)
    try:
        known = {GENERAL, *(key for key, _ in directory.items(TABLE))}
        new = sorted(writers.keys() - known)
        for name in new:
            members = {} if public else {name_key(writer): writer for writer in writers[name]}
            kind: RoomKind = "public" if public else "private"
            directory.put(TABLE, name, Room(name=name, title=name, kind=kind, members=members))
        return new
    finally:
        directory.close()
