"""How many bytes of files there may be: of one, of a person, of the chat, and on the disk."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chatapp.config import format_size
from chatapp.domain.errors import (
    ChatError,
    NoSpace,
    NotAllowed,
    QuotaReached,
    RateLimited,
    TooLarge,
)
from chatapp.domain.model import Person
from chatapp.features.files.model import StoredFile
from chatapp.features.settings.model import Settings
from chatapp.tables.table import Table

GUESTS_SHARE = 4
"""All guests together have at most a quarter of what the chat may have: anybody can be a thousand
of them, and members must not find it full."""
AT_ONCE = 3
"""Uploads of a person at the same time."""
RETRY_SECONDS = 1.0
GUEST = "guest:"
"""How the ids of guests begin."""
RESERVE_BYTES = 100 << 20
RESERVE_SHARE = 20
"""The disk keeps so many bytes for messages, or a twentieth of its size if that is less."""


class FileLimits:
    """`folder` is on the disk that files come to; `free_bytes()` is what the store of files says of
    itself, None if it does not know."""

    def __init__(
        self,
        table: Table[StoredFile],
        settings: Callable[[], Settings],
        *,
        folder: Path,
        free_bytes: Callable[[], int | None],
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._free_bytes = free_bytes
        self._bytes_of: Counter[str] = Counter()
        self._guest_bytes = 0
        self._under_way: Counter[str] = Counter()
        self._reserved: Counter[str] = Counter()
        for id, file in table.items():
            self._count(id, None, file)
        table.on_change(self._count)

    @property
    def max_file_bytes(self) -> int:
        return self._settings().max_file_bytes

    def bytes_of(self, id: str) -> int:
        """All bytes of a person's files."""
        return self._bytes_of[id]

    @property
    def all_bytes(self) -> int:
        return self._bytes_of.total()

    def largest(self, count: int) -> list[tuple[str, int]]:
        """The ids of people whose files take most room, with their bytes."""
        return (+self._bytes_of).most_common(count)

    def check(self, person: Person, length: int, files: int = 1) -> None:
        """Raises what stands against a new file, or up to so many, of so many bytes together."""
        settings = self._settings()
        if settings.max_file_bytes == 0:
            raise NotAllowed("Files cannot be sent in this chat.")
        if person.is_guest and settings.guest_files == "off":
            raise NotAllowed("Guests cannot send files in this chat.")
        if length > files * settings.max_file_bytes:
            raise self.too_large()
        if length > self.left(person):
            raise self.quota_reached()
        if length > self._room_on_disk():
            raise NoSpace("The server's disk has no room for files.")

    @contextmanager
    def upload(self, person: Person, length: int) -> Iterator[None]:
        """While so many bytes come. Raises `RateLimited` if others of the same person do."""
        if self._under_way[person.id] >= AT_ONCE:
            raise RateLimited(
                f"You can send {AT_ONCE} files at once; wait for one of them.",
                retry_after=RETRY_SECONDS,
            )
        self._under_way[person.id] += 1
        self._reserved[person.id] += length
        try:
            yield
        finally:
            self._under_way -= Counter({person.id: 1})
            self._reserved -= Counter({person.id: length})

    def too_large(self) -> ChatError:
        return TooLarge(f"A file has at most {format_size(self.max_file_bytes)}.")

    def quota_reached(self) -> ChatError:
        return QuotaReached("There is no more room for your files in this chat.")

    def left(self, person: Person) -> int:
        """How many more bytes the person can have."""
        settings = self._settings()
        own, all = settings.person_file_bytes, settings.all_file_bytes
        left = own - self._bytes_of[person.id] - self._reserved[person.id] if own else 1 << 60
        if all:
            left = min(left, all - self.all_bytes - self._reserved.total())
            if person.is_guest:
                left = min(left, all // GUESTS_SHARE - self._guest_bytes)
        return max(0, left)

    def _room_on_disk(self) -> int:
        disk = shutil.disk_usage(self._folder)
        reserve = min(RESERVE_BYTES, disk.total // RESERVE_SHARE)
        free, there = disk.free, self._free_bytes()
        return (free if there is None else min(free, there)) - reserve

    def _count(self, _id: str, old: StoredFile | None, new: StoredFile | None) -> None:
        for file, sign in ((old, -1), (new, 1)):
            if file:
                self._bytes_of[file.by] += sign * file.bytes
                self._guest_bytes += sign * file.bytes * file.by.startswith(GUEST)
