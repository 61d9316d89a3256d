"""What everyone reads from the log: history, events, search, files, counts.

    history, events ── Reader: Lookup (the index up to a number), Tail behind it, Files for texts
    search, find … ── IndexWorker: the same in a thread of its own, when the index has caught up

What meets damage fails with Unavailable, and the place is logged, once.
"""

import logging
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TypeVar

import msgspec

from chatapp.domain.clock import bounds_of
from chatapp.domain.errors import Unavailable
from chatapp.domain.files import FileKind
from chatapp.domain.future import Future
from chatapp.domain.limits import HISTORY_LIMIT, MAX_INTEGER, name_key
from chatapp.domain.model import (
    Event,
    Forwarded,
    History,
    Message,
    Person,
    Pin,
    Replies,
    Votes,
    as_told,
)
from chatapp.index.cids import KnownCids
from chatapp.index.lookup import Filter, HourlyCounts, Lookup, OldMessages
from chatapp.index.polls.lookup import IndexedVoter, OpenPoll
from chatapp.index.polls.reader import OwnVote
from chatapp.index.reader import FilesPage, LoggedRecord, Reader, SearchPage
from chatapp.index.recent_events import RecentEvents
from chatapp.index.record_files import Files
from chatapp.index.schema import connect, damage_of, shows_damage
from chatapp.index.thread_unread import ThreadRead
from chatapp.index.unread import RoomMark, UnreadCount
from chatapp.index.view import View, pins_in
from chatapp.index.worker import IndexWorker, Question, ThreadTask
from chatapp.log.disk import Disk
from chatapp.log.errors import DiskFailed, DiskFull, IndexFailed, StorageError
from chatapp.log.journal import Batch, Deliver
from chatapp.log.writer import SegmentOffset
from chatapp.store.index_feed import IndexFeed
from chatapp.store.index_repair import IndexMending
from chatapp.store.opening import Opened
from chatapp.text.query import Query, all_words, parse

T = TypeVar("T")

DAMAGES_KEPT = 100
"""So many are known, so that none of them is logged at each reading."""

logger = logging.getLogger(__name__)


class LogReading:
    """The half of a MessageLog that answers. It is told what was appended (`_took_in`)."""

    def __init__(
        self, disk: Disk, folder: Path, opened: Opened, *, index: Path, deliver: Deliver | None
    ) -> None:
        self.folder = folder
        self._index = index
        self._disk = disk
        self._deliver = deliver
        self._indexing = opened.indexing
        self._worker = IndexWorker(
            opened.indexing,
            Reader(Lookup.open(index), Files(disk, folder), RecentEvents()),
            deliver,
        )
        end = opened.recovered.mark
        newer = opened.rest.entries if opened.rest else ()
        self._cids = KnownCids(end.tip.n, newer, self._worker if deliver else None)
        self._newest = IndexFeed(
            self._worker, opened.rest, end=end, failed=self._mend_index, indexed=self._cids.forget
        )
        self._reader = Reader(Lookup.open(index), Files(disk, folder), self._newest.tail)
        self._mending = IndexMending(
            folder,
            index,
            self._worker,
            close_index=self._reader.close_index,
            open_index=lambda: self._reader.open_index(index),
        )
        self._closed = False
        self._is_erasing = False
        self._damages: set[str] = set()
        self._heads = dict(opened.heads)
        """The seq of each room's last event."""
        self._last_times = dict(opened.last_times)
        self._pins: dict[str, list[Pin]] = {}
        """Of rooms that somebody has asked for since they changed: whoever enters a room asks."""

    def close(self) -> None:
        self._closed = True
        self._mending.stop()
        self._newest.close()
        self._reader.close()

    def head(self, room: str) -> int:
        """The seq of the room's last event, 0 where there is none."""
        return self._heads.get(room, 0)

    def last_at(self, room: str) -> str | None:
        """When the room's last event was; None where there is none, or only removed ones."""
        return self._last_times.get(room)

    def heads(self) -> dict[str, int]:
        return dict(self._heads)

    def message(self, room: str, seq: int) -> Message | None:
        return self._read(lambda: self._reader.message(room, seq))

    def original(self, room: str, seq: int) -> Forwarded | None:
        """Where a forwarded message was written, also if its readers are not told."""
        event = self._read(lambda: self._reader.written(room, seq))
        return event.forwarded if event else None

    def followers(self, room: str, seq: int) -> list[Event]:
        """The edits, deletions and reactions that point at a message, oldest first."""
        return self._read(lambda: self._reader.followers(room, seq))

    def followers_of(self, messages: Sequence[tuple[str, int]]) -> list[list[Event]]:
        """The same for each of several messages (room, seq), read together."""
        return self._read(lambda: self._reader.followers_of(messages)) if messages else []

    def votes(self, room: str, poll: int) -> list[Event]:
        """All votes of a poll, oldest first, also those that were changed later."""
        return self._read(lambda: self._reader.votes(room, poll))

    def deleted(self, room: str, seqs: Collection[int]) -> set[int]:
        """Which of these messages are deleted."""
        return self._read(lambda: self._reader.deleted(room, seqs))

    def pins(self, room: str) -> list[Pin]:
        """The pinned messages of a room, the one that was pinned last first."""
        if room not in self._pins:
            self._pins[room] = self._read(lambda: self._reader.pins(room))
        return self._pins[room]

    def count_votes(self, poll: Message) -> Votes:
        """The votes of a poll, whoever may know them."""
        return self._read(lambda: self._reader.polls.counted(poll))

    def own_votes(self, room: str, voters: Mapping[int, str]) -> dict[int, OwnVote]:
        """The votes of these people (`voter_of`), by the seqs of the polls; of those who have
        voted."""
        return self._read(lambda: self._reader.polls.own(room, voters))

    def voters(
        self, room: str, poll: int, option: int, *, after: int, limit: int
    ) -> list[IndexedVoter]:
        """Who chose an option of a poll, by the seqs of their votes, which are above `after`."""
        return self._read(lambda: self._reader.polls.voters(room, poll, option, after, limit))

    def waiting_polls(self) -> list[OpenPoll]:
        """The polls that close by themselves, and perhaps some that are closed or deleted."""
        return self._read(self._reader.polls.waiting)

    def last_post(self, person: Person, room: str) -> datetime | None:
        """When somebody posted last in a room; None if they have not, or have deleted it."""
        at = self._read(lambda: self._reader.last_post(person, room))
        return datetime.fromisoformat(at) if at else None

    def unread(self, person: Person, marks: Sequence[RoomMark]) -> list[UnreadCount]:
        """What somebody has not read, for each of these rooms."""
        return self._read(lambda: self._reader.unread(person, marks))

    def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = HISTORY_LIMIT,
        thread: int | None = None,
        folded: bool = False,
    ) -> History:
        """A page of messages: the newest, or those before, after or around a seq. With `thread`, of
        the replies to this message; `folded`, of those that are shown in the room, which have their
        `replies`."""
        view = View(thread=thread, folded=folded)
        if after is not None:
            return self._read(lambda: self._reader.after(room, after, limit, view))
        if around is not None:
            return self._read(lambda: self._reader.around(room, around, limit, view))
        return self._read(lambda: self._reader.newest(room, before, limit, view))

    def replies(self, room: str, roots: Collection[int]) -> dict[int, Replies]:
        """The threads of these messages, of those that have one."""
        return self._read(lambda: self._reader.threads.replies(room, roots))

    def replies_in(self, wanted: Mapping[str, Collection[int]]) -> dict[str, dict[int, Replies]]:
        """The same for messages of several rooms, by room."""
        return self._read(lambda: self._reader.threads.of_rooms(wanted))

    def unread_replies(self, person: Person, marks: Sequence[ThreadRead]) -> list[UnreadCount]:
        """What somebody has not read in each of these threads."""
        return self._read(lambda: self._reader.unread_replies(person, marks))

    def newest_threads(self, room: str, *, before: int, limit: int) -> list[tuple[int, int]]:
        """The threads of a room with a last seq below `before`, newest first, with these seqs."""
        return self._read(lambda: self._reader.threads.newest(room, before, limit))

    def first_since(self, room: str, moment: datetime) -> Future[int | None]:
        """The seq of the room's first message from that moment on; None where there is none.

        The first by its day, and of that day the first in the room: what is older may have been
        imported later.
        """
        return self._ask(lambda reader: reader.lookup.first(room, moment)).map_error(_hide_cause)

    def old_messages(self, room: str, *, after: int, before: datetime) -> Future[OldMessages]:
        """What of a room, from behind a seq, comes before its first message that is not older than
        this moment. Fails as `find` does."""
        return self._ask(lambda reader: reader.lookup.old_messages(room, after, before)).map_error(
            no_index
        )

    def events(
        self, room: str, *, after: int, limit: int, most_bytes: int = MAX_INTEGER
    ) -> list[Event]:
        """A room's events behind a seq, oldest first, as they happened; one at least, if there is
        one, else no more than so many bytes."""
        events = self._read(lambda: self._reader.events(room, after, limit, most_bytes))
        return [as_told(event) for event in events]

    def following(self, n: int, *, limit: int) -> list[tuple[int, Event]]:
        """The oldest events of all rooms behind a record's number, each with its own."""
        found = self._read(lambda: self._reader.following(n, limit))
        return [(number, as_told(event)) for number, event in found]

    def lines(
        self, room: str, *, after: int, limit: int, most_bytes: int = MAX_INTEGER
    ) -> Future[list[tuple[int, bytes]]]:
        """The lines of a room's events behind a seq, oldest first, each with its number; else as
        `events`."""
        return self._ask(lambda reader: reader.lines(room, after, limit, most_bytes)).map_error(
            no_index
        )

    def leaves(self, first: int, last: int, key: bytes) -> Future[list[bytes] | None]:
        """The leaves of these records in a tree with this key of its salts (event_leaf.py); None if
        they are not all there any more. Fails as `find` does."""
        return self._ask(lambda reader: reader.leaves(first, last, key)).map_error(no_index)

    @property
    def last_n(self) -> int:
        """The number of the last record that readers find."""
        return self._newest.end.tip.n

    def passage(
        self, n: int, *, rooms: Collection[str], span: int, limit: int, most_bytes: int
    ) -> tuple[list[tuple[int, Event]], int]:
        """What these rooms have among the next `span` records behind a number, oldest first, each
        event with its number; and the number up to which that is, because it is no more than so
        many events, nor than so many bytes or one event."""
        events, up_to = self._read(lambda: self._reader.passage(n, rooms, span, limit, most_bytes))
        return [(number, as_told(event)) for number, event in events], min(up_to, self.last_n)

    def search(
        self,
        wanted: str | Query,
        *,
        rooms: Sequence[str] | None = None,
        before: int | None = None,
        limit: int = HISTORY_LIMIT,
    ) -> Future[SearchPage]:
        """Messages of these rooms that fit what a person typed (see query.py), newest first.

        Raises BadPayload where that cannot be.
        """
        query = parse(wanted) if isinstance(wanted, str) else wanted
        if query.seeks_nothing:
            return Future.of(SearchPage(json=msgspec.Raw(b"[]"), more=False, before=None))
        if query.rooms:
            named = {name_key(room) for room in query.rooms}
            rooms = sorted(named if rooms is None else named.intersection(rooms))
        fitting = Filter(rooms=rooms, since=query.since, until=query.until, before=before)
        return self._ask(lambda reader: reader.search(query, fitting, limit)).map_error(_hide_cause)

    def files(
        self, room: str, *, kind: FileKind | None = None, before: int | None = None, limit: int
    ) -> Future[FilesPage]:
        """The files of a room's messages as they are now, newest first; of those before a seq."""
        end = MAX_INTEGER if before is None else before
        return self._ask(lambda reader: reader.files(room, kind, end, limit)).map_error(_hide_cause)

    def find(
        self,
        *,
        rooms: Sequence[str] | None = None,
        sender: str | None = None,
        day: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str | None = None,
        before: int | None = None,
        after: int | None = None,
        limit: int = HISTORY_LIMIT,
    ) -> Future[list[LoggedRecord]]:
        """Records, newest first, with a number below `before`: the audit view, nothing folded.

        With `after`, those that follow next upon this number, newest first too.
        `day` is YYYY-MM-DD in UTC; `since` is included, `until` is not. With `text`, messages
        that say all its words now.

        Fails with Unavailable where the index cannot be used, and with StorageError at damage.
        """
        if day is not None:
            since, until = bounds_of(day)
        fitting = Filter(
            rooms=rooms, sender=sender, since=since, until=until, before=before, after=after
        )
        query = None if text is None else all_words(text)
        if query is not None and not query.terms:
            return Future.of([])
        return self._ask(lambda reader: reader.find(fitting, query, limit)).map_error(no_index)

    def count(self, *, since: datetime, after: int) -> Future[HourlyCounts]:
        """How many records with a number above `after` each hour has, from that moment on; of very
        many, the first.

        Fails as `find` does.
        """
        return self._ask(lambda reader: reader.lookup.count(since, after)).map_error(no_index)

    def senders(self, *, limit: int) -> Future[dict[str, int]]:
        """How many of the newest records each sender has. Fails as `find` does."""
        return self._ask(lambda reader: reader.lookup.senders(limit)).map_error(no_index)

    def check_index(self) -> Future[list[str]]:
        """What is wrong with the index, if anything; one that is damaged is made anew."""

        def checked() -> str | None:
            with closing(connect(self._index)) as db:
                return damage_of(db)

        def mended(damage: str | None) -> list[str]:
            if damage is None:
                return []
            self._mend_index()
            return [f"{self._index.name} is damaged ({damage}); the server makes it again"]

        return self._in_thread(checked).then(mended)

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except (StorageError, OSError, sqlite3.Error) as error:
            if isinstance(error, sqlite3.Error) and shows_damage(error):
                self._mend_index()
            if str(error) not in self._damages:
                self._damages = {str(error), *list(self._damages)[:DAMAGES_KEPT]}
                logger.error("History cannot be read: %s", error)
            raise Unavailable(
                "A part of the history cannot be read: files of the server are damaged. "
                "The server's log says which."
            ) from error

    def _ask(self, question: Question[T]) -> Future[T]:
        """At once an error while the index is being made anew."""
        if self._mending.is_under_way:
            refused: Future[T] = Future()
            refused.fail(Unavailable("The index is being rebuilt. Try again in a minute."))
            return refused
        return self._newest.ask(question)

    def _mend_index(self) -> None:
        """Where there is an event loop that goes on meanwhile, and nothing is being erased."""
        if self._deliver and not self._closed and not self._is_erasing:
            self._mending.begin(self._newest.end)

    def _in_thread(self, step: Callable[[], T]) -> Future[T]:
        """Does a step that takes a while in a thread of its own, if there is an event loop."""
        task, deliver = ThreadTask(lambda: as_storage_error(step), Future()), self._deliver
        if deliver is None:
            task.settle()()
        else:
            Thread(target=lambda: deliver(task.settle()), name="log aside", daemon=True).start()
        return task.outcome

    def _took_in(self, batch: Batch[Event], spot: SegmentOffset) -> None:
        for event in batch.values:
            self._heads[event.room] = event.seq
            self._last_times[event.room] = event.at
            if event.type == "delete" or pins_in(event):
                self._pins.pop(event.room, None)
        self._newest.add(batch, spot)


def as_storage_error(step: Callable[[], T]) -> T:
    """What disk and SQLite refuse, as it is told to people."""
    try:
        return step()
    except (DiskFull, DiskFailed, sqlite3.Error) as error:
        raise Unavailable(f"The disk is full or failing: {error}.") from error


def _hide_cause(error: Exception) -> Exception:
    """For those who chat: what is wrong with the log is not for them to know."""
    if isinstance(error, Unavailable):
        return error
    logger.error("A search failed: %s", error)
    return Unavailable("Search is not available. Try again in a moment.")


def no_index(error: Exception) -> Exception:
    if isinstance(error, IndexFailed):
        return Unavailable(f"The index cannot be used at the moment ({error}); is the disk full?")
    return error
