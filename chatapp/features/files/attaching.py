"""Which message has a file: one at most, by the person who uploaded it.

The log decides. What is told here, and in the row of a file, follows from it:

    post ──► is it free? ──► posting (in memory) ──► log: append ──► feed: attached (in memory)
                                                          └────────► row: attached

A crash before the row is written leaves a row that says less than the log; `recover` reads the log.
Two processes that post with the same file at once are told apart by the log, too: a draft rests on
its files (domain/subjects.py), and the later one is asked again.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from chatapp.domain.errors import Attached, BadPayload, NotFound, WrongOffset
from chatapp.domain.files import all_files
from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Event, FileInfo, Message, Person
from chatapp.domain.subjects import Subject, attachment_of
from chatapp.features.files.model import StoredFile, as_info
from chatapp.protocol.requests import AttachedFile
from chatapp.store.feed import ELSEWHERE
from chatapp.tables.table import Table

MAX_RECENT = 10_000
"""Files whose messages this process remembers; of older ones, the rows tell."""

TAKEN = "That file is part of a message already. Send it anew."

Place = tuple[str, int]
"""The room and the seq of a message."""
_Posting = tuple[str, str, str | None]
"""The room, the person's id and the cid of a message that is on its way."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attaching:
    """The files of a message that is about to be posted. `sent` is the message, if it was posted
    before. `follow` is told what became of it."""

    files: list[FileInfo]
    rests_on: tuple[Subject, ...]
    again: Callable[[], None]
    follow: Callable[[Future[Appended]], None]
    sent: Message | None = None


class Attachments(Protocol):
    """What posting needs of files."""

    def attach(
        self, person: Person, wanted: Sequence[str | AttachedFile], room: str, cid: str | None
    ) -> Attaching:
        """Raises an error if a file is not the person's, or is attached already."""

    def check(self, person: Person, wanted: Sequence[str | AttachedFile]) -> None:
        """Raises the same errors."""


class FileAttachments:
    """`message(room, seq)` reads the log."""

    def __init__(
        self, table: Table[StoredFile], message: Callable[[str, int], Message | None]
    ) -> None:
        self._table = table
        self._message = message
        self._posting: dict[str, _Posting] = {}
        self._recent: OrderedDict[str, Place] = OrderedDict()

    def place_of(self, id: str) -> Place | None:
        """The message that has a file."""
        if place := self._recent.get(id):
            return place
        file = self._table.get(id)
        return (file.room, file.seq) if file and file.is_attached else None

    def is_posting(self, id: str) -> bool:
        return id in self._posting

    def attach(
        self, person: Person, wanted: Sequence[str | AttachedFile], room: str, cid: str | None
    ) -> Attaching:
        asked = [AttachedFile(id=each) if isinstance(each, str) else each for each in wanted]
        ids = [each.id for each in asked]
        if len(set(ids)) < len(ids):
            raise BadPayload("A message has each file once.")
        if cid and (sent := self._sent(person, ids[0], room, cid)):
            return Attaching([], (), lambda: None, lambda _: None, sent)
        posting = room, person.id, cid

        def check() -> None:
            for id in ids:
                self._require_free(person, id)

        check()
        for id in ids:
            self._require_same(id, posting)
        files = [as_info(each.id, self._stored(each.id), each.alt) for each in asked]
        own = [id for id in ids if id not in self._posting]
        self._posting.update(dict.fromkeys(own, posting))

        def follow(appended: Future[Appended]) -> None:
            appended.add_done_callback(lambda _: self._settle(own, appended))

        return Attaching(files, tuple(map(attachment_of, ids)), check, follow)

    def check(self, person: Person, wanted: Sequence[str | AttachedFile]) -> None:
        for each in wanted:
            self._require_free(person, each if isinstance(each, str) else each.id)

    def info(self, id: str, alt: str = "") -> FileInfo | None:
        """What an uploaded file is; None if it is gone."""
        file = self._table.get(id)
        return None if file is None else as_info(id, file, alt)

    def hear(self, event: Event, origin: str | None = None) -> None:
        """An event that is in the log now, whoever appended it."""
        if event.files is None and event.previews is None:
            return
        for file in all_files(event):
            seq = event.target or event.seq  # an edit brings previews
            if (event.moved_from or event.forwarded) and origin != ELSEWHERE:
                self._note(file.id, event.room, seq)
            self._recent[file.id] = event.room, seq
            self._recent.move_to_end(file.id)
            if len(self._recent) > MAX_RECENT:
                self._recent.popitem(last=False)

    def recover(self, found: Iterable[tuple[str, str, int]]) -> None:
        """The log has these files, each in a message of a room."""
        for id, room, seq in found:
            self._note(id, room, seq)

    def _sent(self, person: Person, id: str, room: str, cid: str) -> Message | None:
        place = self.place_of(id)
        if place is None or place[0] != room:
            return None
        message = self._message(*place)
        is_it = message and (message.cid, message.by) == (cid, person.id)
        return message if is_it else None

    def _require_free(self, person: Person, id: str) -> None:
        file = self._table.get(id)
        if file is None or file.by != person.id:
            raise NotFound("That file is not here; those that are not sent go after a day.")
        if file.is_partial:
            raise WrongOffset("That file is not here completely yet.")
        if self.place_of(id):
            raise Attached(TAKEN)

    def _require_same(self, id: str, posting: _Posting) -> None:
        """One that is on its way in another message is taken; in the same one, the log sees that
        there is only one."""
        other = self._posting.get(id)
        if other and (other != posting or posting[2] is None):
            raise Attached(TAKEN)

    def _stored(self, id: str) -> StoredFile:
        file = self._table.get(id)
        if file is None:
            raise NotFound("That file is not here.")
        return file

    def _settle(self, ids: Sequence[str], appended: Future[Appended]) -> None:
        for id in ids:
            self._posting.pop(id, None)
        if not appended.has_failed:
            event = appended.result().event
            for file in event.files or ():
                self._note(file.id, event.room, event.seq)

    def _note(self, id: str, room: str, seq: int) -> None:
        """In the row, where name and description are no longer needed."""
        file = self._table.get(id)
        if file is None or (file.room, file.seq) == (room, seq):
            return
        attached = msgspec.structs.replace(
            file, name="", type="", width=None, height=None, room=room, seq=seq
        )
        written = self._table.put(id, attached, expected=file)
        written.add_done_callback(lambda _: self._log_failure(id, written.error))

    def _log_failure(self, id: str, error: Exception | None) -> None:
        if error is not None:
            logger.info("The row of file %s is behind the log until it is read: %s", id, error)
