"""The rules of files: who may send, read and remove one, and when it goes.

A file belongs to its uploader until a message has it (attaching.py). Then whoever may read the
message may read the file. What waits for disks and networks runs on real threads; the greenlet that
asks waits, and others go on.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import msgspec

from chatapp.blobs.names import BlobMissing, BlobsUnavailable
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import ChatError, NotAllowed, NotFound, Unavailable, WrongOffset
from chatapp.domain.files import all_files
from chatapp.domain.future import Future
from chatapp.domain.model import FileInfo, Message, Person, Room
from chatapp.domain.rates import PersonPace
from chatapp.features.files.attaching import FileAttachments, Place
from chatapp.features.files.keeping import KeptFile, SharedBytes, keep, keep_smaller
from chatapp.features.files.limits import FileLimits
from chatapp.features.files.model import StoredFile, as_info, part_mark, part_name, parts_name
from chatapp.features.files.names import cleaned
from chatapp.features.files.pictures import Pictures
from chatapp.features.files.receiving import ReceivedFile, refusing
from chatapp.ports import Blobs
from chatapp.tables.table import Conflict, Table
from chatapp.web.waiting import wait

UNATTACHED_LIFETIME = timedelta(hours=24)
MAX_PARTS = 1_000
"""Of an upload: each of them is a row written, and a blob."""
WRAPPING_BYTES = 64 * 1024
"""Of a body with several parts, so much may be around the files."""
MAX_MOVES = 10
"""How often a message with a file can be moved, and the file still be found."""
NOT_HERE = "There is no such file, or none that you can see."

logger = logging.getLogger(__name__)


class FindRoom(Protocol):
    def find(self, person: Person, name: str) -> Room: ...


class FileThreads(Protocol):
    """Each calls `function(*arguments)` on a real thread, and gives what it gives or raises. There
    are several pools, so that a slow picture keeps nobody from reading."""

    def receive(self, function: Callable[..., Any], *arguments: Any) -> Any: ...
    def keep(self, function: Callable[..., Any], *arguments: Any) -> Any: ...
    def read(self, function: Callable[..., Any], *arguments: Any) -> Any: ...
    def later(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Nobody waits; what it raises is logged."""


class _Writer:
    """A request that adds to an upload. `stop()` makes its body end here; `done` is done when what
    came is kept."""

    def __init__(self, stop: Callable[[], object]) -> None:
        self.stop = stop
        self.done: Future[None] = Future()


class FileManager:
    """`folder` is where bytes come to; `message(room, seq)` reads the log; `new_id()` is a secret
    name for a file. `pace` limits new files; None means no limit. `is_scheduled(id)`: whether a
    scheduled message has this file. `is_held(sha256)`: whether an emoji or a photo has these bytes.
    """

    def __init__(
        self,
        table: Table[StoredFile],
        attachments: FileAttachments,
        limits: FileLimits,
        blobs: Blobs,
        pictures: Pictures,
        *,
        folder: Path,
        threads: FileThreads,
        rooms: FindRoom,
        message: Callable[[str, int], Message | None],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        pace: PersonPace | None = None,
        is_scheduled: Callable[[str], bool] = lambda _id: False,
        is_held: Callable[[str], bool] = lambda _sha256: False,
    ) -> None:
        self._is_scheduled = is_scheduled
        self._table = table
        self._attachments = attachments
        self.limits = limits
        self._blobs = blobs
        self._pictures = pictures
        self._folder = folder
        self.threads = threads
        self._rooms = rooms
        self._message = message
        self._clock = clock
        self._new_id = new_id
        self._pace = pace
        self._writing: dict[str, _Writer] = {}
        """Partial uploads to which this process adds now."""
        self.bytes = SharedBytes(table, blobs, is_held)

    # Whole files

    @contextmanager
    def receive(
        self, person: Person, length: int | None, files: int = 1
    ) -> Iterator[Callable[[], ReceivedFile]]:
        """For one request with up to so many new files, whose body has `length` bytes if that is
        known; gives what makes a file for each. They are gone at the end, unless they were kept.

        Raises what stands against it before any byte is read.
        """
        wrapping = WRAPPING_BYTES if files > 1 else 0
        self.limits.check(person, max(0, (length or 0) - wrapping), files)
        if self._pace is not None:
            self._pace.check(person)
        left = self.limits.left(person)
        made: list[ReceivedFile] = []

        def refuse(size: int) -> None:
            """The last one is to have so many bytes."""
            if size > self.limits.max_file_bytes:
                raise self.limits.too_large()
            if size + sum(each.size for each in made[:-1]) > left:
                raise self.limits.quota_reached()

        def new() -> ReceivedFile:
            made.append(ReceivedFile(self._new_path(), refuse))
            return made[-1]

        expected = min(left, self.limits.max_file_bytes) if length is None else length
        with self.limits.upload(person, expected):
            try:
                yield new
            finally:
                for each in made:
                    self.threads.receive(each.discard)

    def keep(self, person: Person, received: ReceivedFile, name: str) -> Future[FileInfo]:
        """Keep a file that was received completely."""
        return self._keep(person, self._new_id(), None, received, name)

    def _keep(
        self, person: Person, id: str, old: StoredFile | None, received: ReceivedFile, name: str
    ) -> Future[FileInfo]:
        claimed: list[str] = []

        def claim(sha256: str) -> None:
            self.bytes.claim(sha256)
            claimed.append(sha256)

        try:
            kept: KeptFile = self._reach(
                self.threads.keep, keep, received, self._blobs, self._pictures, claim
            )
            file = self._row(person, kept, name)
            return self._table.put(id, file, expected=old).then(lambda _: as_info(id, file))
        finally:
            for sha256 in claimed:
                self.bytes.unclaim(sha256)

    def keep_picture(self, by: str, picture: bytes, room: str, seq: int) -> Future[FileInfo | None]:
        """Keep the picture of a preview, made anew and smaller, as a file of a message; None if it
        is no picture, or if there is no room for it."""
        received = ReceivedFile(self._new_path(), lambda _size: None)
        try:
            self.threads.receive(received.write, picture)
            kept: KeptFile | None = self._reach(
                self.threads.keep, keep_smaller, received, self._blobs, self._pictures
            )
        except ChatError:
            kept = None
        finally:
            self.threads.receive(received.discard)
        if kept is None:
            return Future.of(None)
        id = self._new_id()
        row = StoredFile(
            by=by,
            bytes=kept.bytes,
            created_at=timestamp(self._clock()),
            sha256=kept.sha256,
            room=room,
            seq=seq,
        )
        picture_info = FileInfo(
            id=id,
            name="preview.webp",
            type=kept.type,
            bytes=kept.bytes,
            sha256=kept.sha256,
            width=kept.width,
            height=kept.height,
        )
        return self._table.put(id, row, expected=None).then(lambda _: picture_info)

    def _row(self, person: Person, kept: KeptFile, name: str) -> StoredFile:
        return StoredFile(
            by=person.id,
            bytes=kept.bytes,
            created_at=timestamp(self._clock()),
            name=cleaned(name),
            type=kept.type,
            sha256=kept.sha256,
            width=kept.width,
            height=kept.height,
        )

    # Uploads in parts

    def create(self, person: Person, length: int, name: str) -> Future[str]:
        """Begin an upload of so many bytes; gives its id."""
        self.limits.check(person, length)
        if self._pace is not None:
            self._pace.check(person)
        id = self._new_id()
        now = timestamp(self._clock())
        file = StoredFile(by=person.id, bytes=length, created_at=now, name=cleaned(name))
        return self._table.put(id, file, expected=None).then(lambda _: id)

    def upload(self, person: Person, id: str) -> StoredFile:
        """One's own upload, or what became of it; raises `NotFound`."""
        file = self._table.get(id)
        if file is None or file.by != person.id:
            raise NotFound(NOT_HERE)
        return file

    def settled_upload(self, person: Person, id: str) -> StoredFile:
        """As `upload`, for a client that comes back: a request of it that still adds, because its
        line was cut without a word, ends now."""
        file = self.upload(person, id)
        if writer := self._writing.get(id):
            writer.stop()
            wait(writer.done)
            file = self.upload(person, id)
        if file.is_partial and file.parts and file.offset == file.bytes:
            # All bytes are here, but a crash came before the file was made of them.
            with self.continue_upload(person, id, file.offset, lambda: None):
                pass
            file = self.upload(person, id)
        return file

    @contextmanager
    def continue_upload(
        self, person: Person, id: str, offset: int, stop: Callable[[], object]
    ) -> Iterator[ReceivedFile]:
        """Add bytes to an upload. What came is kept, also if the block fails; the file is complete
        when the last byte is there. `stop()` makes the request's body end at once.

        Raises `WrongOffset` if `offset` is not what is there, or if others add to it.
        """
        file = self.upload(person, id)
        if not file.is_partial or file.offset != offset or id in self._writing:
            raise WrongOffset("The upload is at another place. Ask where, and go on there.")
        if len(file.parts) >= MAX_PARTS:
            raise NotAllowed("This upload has too many parts. Send the file in larger ones.")
        most = file.bytes - offset
        refuse = refusing(most, lambda: WrongOffset("These are more bytes than were announced."))
        received = ReceivedFile(self._folder / f"{id}.{offset}", refuse)
        self._writing[id] = writer = _Writer(stop)
        try:
            with self.limits.upload(person, 0):
                try:
                    yield received
                finally:
                    self._add_part(person, id, file, received)
        finally:
            del self._writing[id]
            writer.done.resolve(None)
            self.threads.receive(received.discard)

    def _add_part(self, person: Person, id: str, file: StoredFile, received: ReceivedFile) -> None:
        size = received.size
        try:
            if file.offset + size == file.bytes:
                self._complete(person, id, file, received)
            elif size:
                self.threads.receive(received.close)
                mark = part_mark(self._new_id())
                part = part_name(id, mark)
                self._reach(self.threads.keep, self._blobs.put, part, received.path)
                added = msgspec.structs.replace(
                    file, offset=file.offset + size, parts=[*file.parts, mark]
                )
                wait(self._table.put(id, added, expected=file))
        except Conflict:
            raise WrongOffset(
                "Another process has added to this upload. Ask where it is."
            ) from None

    def _complete(self, person: Person, id: str, file: StoredFile, last: ReceivedFile) -> None:
        if not file.parts:
            wait(self._keep(person, id, file, last, file.name))
            return
        whole = ReceivedFile(self._new_path(), lambda _size: None)
        try:
            self._reach(self.threads.keep, self._join, id, file.parts, last, whole)
            wait(self._keep(person, id, file, whole, file.name))
        finally:
            self.threads.receive(whole.discard)
        self.threads.later(self._blobs.delete, parts_name(id))

    def _join(self, id: str, marks: list[str], last: ReceivedFile, whole: ReceivedFile) -> None:
        """On a thread."""
        for mark in marks:
            for part in self._blobs.read(part_name(id, mark)):
                whole.write(part)
        last.close()
        with last.path.open("rb") as source:
            while part := source.read(256 * 1024):
                whole.write(part)

    def adopt_leftovers(self) -> None:
        """At the start: what came before a crash is a part of its upload. Nobody is served yet, so
        this waits for disks."""
        for path in sorted(self._folder.iterdir()):
            id, _, offset = path.name.partition(".")
            file, size = self._table.get(id), path.stat().st_size
            if file and file.is_partial and size and offset == str(file.offset):
                mark = part_mark(self._new_id())
                try:
                    self._blobs.put(part_name(id, mark), path)
                except BlobsUnavailable as error:
                    logger.warning("A part of an upload is lost: %s", error)
                else:
                    offset_now = min(file.bytes, file.offset + size)
                    adopted = msgspec.structs.replace(
                        file, offset=offset_now, parts=[*file.parts, mark]
                    )
                    self._table.put(id, adopted, expected=file)
            path.unlink(missing_ok=True)

    # Reading and removing

    def info(self, person: Person, id: str) -> FileInfo:
        """A file that the person may read; raises `NotFound`."""
        file = self._table.get(id)
        place = self._attachments.place_of(id)
        if place is None:
            if file is None or file.by != person.id or file.is_partial:
                raise NotFound(NOT_HERE)
            return as_info(id, file)
        return self._attached(person, id, place)

    def remove(self, person: Person, id: str) -> Future[None]:
        """Remove one's own file that is not attached."""
        file = self.upload(person, id)
        if self._attachments.place_of(id) or self._attachments.is_posting(id):
            raise NotAllowed("That file is part of a message. Delete the message instead.")
        if id in self._writing:
            raise WrongOffset("The file is just being sent.")
        return self._table.delete(id, expected=file).then(lambda _: self._drop(id, file))

    def read(self, name: str, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        """The bytes of a blob, a little at a time; raises `NotFound` if they are gone."""
        try:
            parts: Iterator[bytes] = self._reach(
                self.threads.read, self._blobs.read, name, offset, size
            )
        except BlobMissing:
            raise NotFound("The bytes of this file are gone.") from None
        return iter(lambda: self.threads.read(next, parts, b""), b"")

    def size(self, name: str) -> int | None:
        size: int | None = self._reach(self.threads.read, self._blobs.size, name)
        return size

    def _attached(self, person: Person, id: str, place: Place) -> FileInfo:
        """Of a message that the person sees where it is now."""
        for _ in range(MAX_MOVES):
            try:
                room = self._rooms.find(person, place[0])
            except ChatError:
                break
            message = self._message(room.name, place[1])
            if message is None:
                break
            for file in all_files(message):
                if file.removed or message.deleted_by or message.erased_at:
                    continue
                if file.id == id:
                    return file
            if message.moved_to is None:
                break
            place = message.moved_to.room, message.moved_to.seq
        raise NotFound(NOT_HERE)

    # What goes by itself

    def unattached(self, *, before: datetime | None = None) -> dict[str, StoredFile]:
        """Those that no message has, as far as the rows say; older than a moment."""
        limit = timestamp(before) if before else None
        return {
            id: file
            for id, file in self._table.items()
            if not file.is_attached and (limit is None or file.created_at < limit)
        }

    def expire(self) -> int:
        """Remove what nobody has attached for a day, and say how many they were. Rows must say what
        the log says (`FileAttachments.recover`)."""
        gone = self.unattached(before=self._clock() - UNATTACHED_LIFETIME)
        removed = 0
        for id, file in gone.items():
            if self._attachments.place_of(id) or self._attachments.is_posting(id):
                continue
            if id in self._writing or self._is_scheduled(id):
                continue
            try:
                wait(self._table.delete(id, expected=file))
            except (Conflict, ChatError) as error:
                logger.info("The file %s stays for now: %s", id, error)
                continue
            self._drop(id, file)
            removed += 1
        return removed

    def release(self, sha256: str) -> None:
        """Remove these bytes, unless a file has them."""
        self.threads.later(self.bytes.remove_unused, sha256)

    def _drop(self, id: str, file: StoredFile) -> None:
        if not file.is_partial:
            self.release(file.sha256)
        elif file.parts:
            self.threads.later(self._blobs.delete, parts_name(id))

    # Steps

    def _new_path(self) -> Path:
        return self._folder / self._new_id()

    def _reach(self, run: Callable[..., Any], function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return run(function, *arguments)
        except BlobsUnavailable as error:
            logger.error("%s", error)
            raise Unavailable("Files cannot be reached now. Try again in a moment.") from error
