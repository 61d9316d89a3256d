"""The files of messages in the console: which there are, how much room they take, and removing one.

Without a search they come from their rows, those of deleted messages too, whose bytes only admins
still see. A search by name, kind or sender asks the index, which has current messages only.
"""

from collections.abc import Sequence
from heapq import nlargest

import msgspec

from chatapp.domain.errors import BadPayload, NotFound
from chatapp.domain.files import FILE_KINDS, is_removal
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import FileInfo, Message
from chatapp.features.files.limits import FileLimits
from chatapp.features.files.model import StoredFile
from chatapp.index.reader import SearchPage
from chatapp.store.message_log import MessageLog
from chatapp.tables.table import Table
from chatapp.text.query import QueriedPerson, Query
from chatapp.text.words import Term, words
from chatapp.web.waiting import wait

PAGE_LENGTH = 50
MOST_PEOPLE = 5


class ListedFile(msgspec.Struct, frozen=True):
    """A file, and the message that has it, which may be deleted."""

    file: FileInfo
    message: Message

    @property
    def is_deleted(self) -> bool:
        return self.message.deleted_by is not None


class FileListing(msgspec.Struct, frozen=True):
    """A page, newest first; `before` is where the next one begins, if there is one."""

    files: list[ListedFile]
    before: str | None = None


class FileUse(msgspec.Struct, frozen=True):
    """The room that files take, those of people who have most, and the limits; 0: no limit."""

    bytes: int
    limit: int
    people: list[tuple[str, int]]
    each: int


class FileQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What an admin looks for; `sender` is a name in the log. Empty: everything."""

    text: str = ""
    kind: str = ""
    sender: str = ""

    @property
    def as_query(self) -> Query | None:
        """None: everything is asked for."""
        terms = tuple(Term(part, prefix=True) for part in self.text.split() if words(part))
        if self.text and not terms:
            raise BadPayload("Type a word of the file's name.")
        if not (terms or self.kind or self.sender):
            return None
        if self.kind and self.kind not in FILE_KINDS:
            raise BadPayload("There is no such kind of files.")
        senders = (QueriedPerson(self.sender),) if self.sender else ()
        return Query(files=terms, has=(self.kind or "file",), senders=senders)


class FileCatalogue:
    def __init__(self, table: Table[StoredFile], log: MessageLog, limits: FileLimits) -> None:
        self._table = table
        self._log = log
        self._limits = limits

    def listing(self, wanted: FileQuery, rooms: Sequence[str] | None, before: str) -> FileListing:
        """`rooms` are those to look in; None: all."""
        query = wanted.as_query
        if query is None:
            return self._by_rows(rooms, before)
        return self._by_search(query, wanted.kind, rooms, before)

    def find(self, room: str, seq: int, id: str) -> ListedFile:
        """Raises `NotFound` for a file that no message has, or that was removed."""
        message = self._log.message(room, seq)
        for file in self.files_of(message) if message else ():
            if file.id == id and not file.removed:
                assert message  # noqa: S101 - it has files
                return ListedFile(file, message)
        raise NotFound("There is no such file, or it was removed.")

    def files_of(self, message: Message) -> list[FileInfo]:
        """The files of a message as they are now; those of a deleted one as they were."""
        if message.deleted_by is None or message.erased_at is not None:
            return list(message.files or ())
        first = self._log.events(message.room, after=message.seq - 1, limit=1)
        edits = filter(is_removal, self._log.followers(message.room, message.seq))
        gone = {digest for edit in edits for digest in edit.blobs or ()}
        return [file for file in first[0].files or () if file.sha256 not in gone]

    def use(self, limit: int, each: int) -> FileUse:
        return FileUse(
            bytes=self._limits.all_bytes,
            limit=limit,
            people=self._limits.largest(MOST_PEOPLE),
            each=each,
        )

    def _by_rows(self, rooms: Sequence[str] | None, before: str) -> FileListing:
        begin = self._order(before) if before else ("~", "")
        here = None if rooms is None else set(rooms)
        found = nlargest(
            PAGE_LENGTH + 1,
            (
                (row.created_at, id)
                for id, row in self._table.items()
                if row.is_attached
                and (here is None or row.room in here)
                and (row.created_at, id) < begin
            ),
        )
        page = [id for _, id in found[:PAGE_LENGTH]]
        files = [listed for id in page if (listed := self._listed(id))]
        return FileListing(files, page[-1] if len(found) > PAGE_LENGTH else None)

    def _order(self, id: str) -> tuple[str, str]:
        row = self._table.get(id)
        if row is None:
            raise NotFound("That file is gone; begin with the newest.")
        return row.created_at, id

    def _listed(self, id: str) -> ListedFile | None:
        """None: a crash or a removal came between row and message."""
        row = self._table.get(id)
        message = self._log.message(row.room, row.seq) if row else None
        if message and message.moved_to:
            message = self._log.message(message.moved_to.room, message.moved_to.seq)
        if message is None:
            return None
        found = (file for file in self.files_of(message) if file.id == id and not file.removed)
        return next((ListedFile(file, message) for file in found), None)

    def _by_search(
        self, query: Query, kind: str, rooms: Sequence[str] | None, before: str
    ) -> FileListing:
        start = int(before) if before.isdecimal() and len(before) < len(str(MAX_INTEGER)) else None
        page: SearchPage = wait(
            self._log.search(query, rooms=rooms, before=start, limit=PAGE_LENGTH)
        )
        files = [
            ListedFile(file, message)
            for message in page.messages
            for file in message.files or ()
            if not file.removed
        ]
        return FileListing(files, str(page.before) if page.more else None)
