"""Where a bot has got to, kept in a file.

    {"key": "…", "rooms": {"general": 812, "ci": 40}}

The number is the last message of the room that was dealt with. `key` makes a bot without an account
the same guest after a restart, so that the server knows its messages again.
"""

import os
import secrets
import threading
from pathlib import Path

import msgspec

from chatapp.domain.structs import prepare


class BadPlaceFile(Exception):
    """The file is no place of a bot."""


class _Kept(msgspec.Struct, kw_only=True):
    key: str
    rooms: dict[str, int]


prepare([_Kept])


class BotPlace:
    """With the path None, it is kept in memory only. Any thread may use it."""

    def __init__(self, path: "str | os.PathLike[str] | None") -> None:
        self._path = None if path is None else Path(path)
        self._kept = self._read()
        self._lock = threading.Lock()

    @property
    def key(self) -> str:
        return self._kept.key

    @property
    def is_new(self) -> bool:
        """Whether this bot has never run before."""
        return not self._kept.rooms

    def of(self, room: str) -> int | None:
        """The number of the last message that was dealt with; None in a new room."""
        return self._kept.rooms.get(room)

    def pass_by(self, room: str, seq: int) -> None:
        """Move on behind a message that needs nothing; the file may say so later."""
        with self._lock:
            self._kept.rooms[room] = seq

    def keep(self, room: str, seq: int) -> None:
        """Move on behind a message, and write the file."""
        self.pass_by(room, seq)
        self.save()

    def save(self) -> None:
        if self._path is None:
            return
        with self._lock:
            new = self._path.with_name(self._path.name + ".new")
            with new.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(msgspec.json.encode(self._kept))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)

    def _read(self) -> _Kept:
        if self._path is None or not self._path.exists():
            return _Kept(key=secrets.token_urlsafe(24), rooms={})
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except msgspec.DecodeError as error:
            raise BadPlaceFile(f"{self._path} is not the place of a bot: {error}.") from None
