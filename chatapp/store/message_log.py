"""The log of every message: what managers append to, and what everyone reads from.

Floor 0: it knows neither Flask nor gevent. What it needs of an event loop is one function,
`deliver`, that calls another on the owner's thread.

    append ── Journal ── Forming: numbers and bytes ── Writer ── messages/*.jsonl
                 └─ durable ── Newest: Tail (memory) ── Index (SQLite), a moment later
    history, events ── Reader: Lookup (the index up to a number), Tail behind it, Files for texts
    search, find … ── IndexWorker: the same in a thread of its own, when the index has caught up
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import msgspec

from chatapp.config import Durability
from chatapp.domain.clock import Clock, bounds_of, now
from chatapp.domain.errors import Unavailable
from chatapp.domain.files import FileKind
from chatapp.domain.future import Future, all_of
from chatapp.domain.limits import HISTORY_LIMIT, MAX_INTEGER, name_key
from chatapp.domain.model import (
    Appended,
    Draft,
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
from chatapp.domain.subjects import Subject
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
from chatapp.log.erasing import ErasedRecord, Seals, conclude, decide, forget_note, noted, overwrite
from chatapp.log.errors import DiskFailed, DiskFull, IndexFailed, StorageError, one_line_for
from chatapp.log.journal import Batch, Deliver, Joined, Journal
from chatapp.log.latency import Latency
from chatapp.log.manifest import Beginning, DecidedErasure, Manifest, shared_epoch
from chatapp.log.sequencer import Check, Sent, Sequencer, SharedSequencer
from chatapp.log.shared_journal import SharedJournal
from chatapp.log.stream import Repeated, Share
from chatapp.log.writer import SEGMENT_BYTES, SegmentOffset, Writer
from chatapp.store.feed import ELSEWHERE, Feed
from chatapp.store.index_feed import IndexFeed
from chatapp.store.index_repair import IndexMending
from chatapp.store.opening import Opened, open_up
from chatapp.store.opening_folder import Sealing, open_writer
from chatapp.text.query import Query, all_words, parse

T = TypeVar("T")

CHECKS = 20
"""How often a draft is checked again because the rules have changed meanwhile."""
DAMAGES_KEPT = 100
"""So many are known, so that none of them is logged at each reading."""

logger = logging.getLogger(__name__)


class MessageLog:
    """An opened log. All methods are for the owner's thread."""

    def __init__(
        self, disk: Disk, folder: Path, opened: Opened, *, index: Path, deliver: Deliver | None
    ) -> None:
        self.folder = folder
        self._index = index
        self.epoch = opened.manifest.epoch
        self.latency = Latency()
        self.feed = Feed()
        self._disk = disk
        self._deliver = deliver
        self._sealing = Sealing(disk, folder, opened.manifest)
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
        self._tables: SharedJournal[Any, Any, Any] | None = None
        self._beginning: Beginning | None = None
        self.journal: Journal[Sent, Event, Appended]
        self.shared: SharedJournal[Sent, Event, Appended] | None = None
        """The journal, if several processes append to it."""

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        durability: Durability = "fsync",
        clock: Clock = now,
        deliver: Deliver | None = None,
        index: Path | None = None,
        quarantine: Path | None = None,
        disk: Disk | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        randomness: Callable[[int], bytes] = os.urandom,
        share: Share | None = None,
        beginning: Beginning | None = None,
        tables: SharedJournal[Any, Any, Any] | None = None,
    ) -> "MessageLog":
        """The log in `folder`, which is made where there is none, recovered and indexed.

        `deliver` calls a function on the owner's thread, soon; without it, `append` returns
        when the record is durable. `share` opens the stream of several processes, whose copies
        have one `beginning`. `tables` is the journal of the tables that say who may append; other
        processes change it. Raises StorageError, and what `share` raises.
        """
        disk = disk or Disk()
        index = index or folder.parent / "index.sqlite3"
        quarantine = quarantine or folder.parent / "quarantine"
        opened = open_up(disk, folder, index, quarantine, beginning=beginning)
        with one_line_for(folder):
            log = cls(disk, folder, opened, index=index, deliver=deliver)
            writer = open_writer(
                disk,
                folder,
                opened.manifest,
                opened.recovered,
                durability="os" if share else durability,
                segment_bytes=segment_bytes,
                sealing=log._sealing,
            )
            tip = opened.recovered.tip
            log._tables, log._beginning = tables, beginning
            if share:
                log.journal = log.shared = SharedJournal(
                    writer,
                    tip,
                    stream=share(tip),
                    former=SharedSequencer(Sequencer(dict(opened.heads), clock, randomness)),
                    written=log._written,
                    followed=log._others_wrote,
                    answer=log._hand_out,
                    repeated=log._repeated,
                    sent_before=log._sent_meanwhile,
                    deliver=deliver,
                    tables=tables,
                    renewed=log._renewed,
                    erasures=opened.manifest.erasures,
                )
            else:
                log.journal = Journal(
                    writer,
                    tip,
                    form=Sequencer(log._heads, clock, randomness).form,
                    written=log._written,
                    answer=log._hand_out,
                    deliver=deliver,
                )
            return log

    # Writing

    def append(
        self,
        draft: Draft,
        *,
        at: str | None = None,
        check: Callable[[], None] = lambda: None,
        again: Callable[[], None] | None = None,
        rests_on: Collection[Subject] = (),
        origin: str | None = None,
    ) -> Future[Appended]:
        """Resolved in log order, when the event is durable and the feed has handed it out; fails
        with ReadOnly or Unavailable.

        A message is in the log once: with a cid that its sender sent to the room before, nothing
        is appended, and the answer is what is there. `check()` is asked about all else, and
        raises what stands against it. If another process changes the rules before it is appended,
        or appends something with a subject that it `rests_on`, `again()` is asked the same; it
        counts nothing. `at` is when it happened, where that is not now: what is imported has a
        past. `origin` is the id of the connection that it came through.
        """
        if draft.cid is None or draft.type != "message":
            check()
            return self.journal.append((draft, at, origin, self._check(again, rests_on)))
        if sent_before := self._sent_before(draft, draft.cid):
            return sent_before
        check()
        sent = (draft, at, origin, self._check(again, rests_on))
        return self.journal.append(sent, self._cids.add(draft))

    def append_all(
        self,
        drafts: Sequence[Draft],
        *,
        check: Callable[[], None] = lambda: None,
        again: Callable[[], None] | None = None,
        rests_on: Collection[Subject] = (),
    ) -> Future[list[Appended]]:
        """The same for messages that are in the log together: all of them, or none. Each has a
        cid, which no other message has; if one is there, all are."""
        if there := self.sent_before(drafts):
            return there
        check()
        checked = self._check(again, rests_on)
        pendings = [
            self._cids.add(draft, Joined() if i else None) for i, draft in enumerate(drafts)
        ]
        sent = [(draft, None, None, checked) for draft in drafts]
        self.journal.append_all(list(zip(sent, pendings, strict=True)))
        return all_of(pendings)

    def _check(
        self, again: Callable[[], None] | None, rests_on: Collection[Subject]
    ) -> Check | None:
        if self._tables is None or again is None:
            return None
        read = self.journal.tip.n
        return Check(self._tables.tip.n, again, read=read, rests_on=tuple(rests_on))

    def _renewed(self, sent: Sent) -> Sent:
        """What was sent, checked again after what the tables and the log say now."""
        draft, at, origin, check = sent
        if check is None or self._tables is None:
            return sent
        seen, read = self._tables.tip.n, self.journal.tip.n
        if check.seen >= seen and (check.read >= read or not check.rests_on):
            return sent
        if check.tries >= CHECKS:
            raise Unavailable("The rules are changing. Try again in a moment.")
        check.again()
        checked = check._replace(seen=seen, read=read, tries=check.tries + 1)
        return draft, at, origin, checked

    def sent_before(self, drafts: Sequence[Draft]) -> Future[list[Appended]] | None:
        """The messages with the cids of these drafts, if they are there, or on their way."""
        found = [self._sent_before(draft, draft.cid or "") for draft in drafts]
        there = [pending for pending in found if pending]
        return all_of(there) if there else None

    def _sent_before(self, draft: Draft, cid: str) -> Future[Appended] | None:
        recent = self._cids.recent(draft)
        if recent and not recent.done:
            return recent.then(lambda appended: Appended(appended.event, duplicate=True))
        message: Message | None = None
        if recent:
            message = self.message(draft.room, recent.result().event.seq)
        elif self._cids.may_be_older(draft):
            room, sender, by = draft.room, draft.sender, draft.by
            message = self._read(lambda: self._reader.find_cid(room, sender, cid, by))
        return Future.of(Appended(message, duplicate=True)) if message else None

    def find_cids(self, drafts: Sequence[Draft]) -> list[int | None]:
        """The seqs of the durable messages with the cids of these drafts, asked for together; None
        for those that are not there. Raises Unavailable."""
        seqs: list[int | None] = [None] * len(drafts)
        older: list[int] = []
        for place, draft in enumerate(drafts):
            recent = self._cids.recent(draft)
            if recent and recent.done and not recent.has_failed:
                seqs[place] = recent.result().event.seq
            elif not recent and self._cids.has_perhaps(draft):
                older.append(place)
        if older:
            keys = [
                (one.room, one.sender, one.by, one.cid or "")
                for one in map(drafts.__getitem__, older)
            ]
            found = self._read(lambda: self._reader.find_cids(keys))
            for place, seq in zip(older, found, strict=True):
                seqs[place] = seq
        return seqs

    def flush(self) -> None:
        """Waits until everything that was appended is durable."""
        self.journal.flush()

    def close(self) -> None:
        """Flushes, brings the index up to date, and lets go of everything."""
        if self._closed:
            return
        self._closed = True
        self.journal.close()
        self._mending.stop()
        self._newest.close()
        self._reader.close()

    # Reading: what meets damage fails with Unavailable, and the place is logged, once

    def head(self, room: str) -> int:
        """The seq of the room's last event, 0 where there is none."""
        return self._heads.get(room, 0)

    def reach(self, room: str, seq: int) -> Future[None]:
        """Resolved when that event is here, which another process may have told of first; also if
        there is none."""
        return Future.of(None) if self.head(room) >= seq else self.journal.catch_up()

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
            _no_index
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
        return self._ask(lambda reader: reader.find(fitting, query, limit)).map_error(_no_index)

    def count(self, *, since: datetime, after: int) -> Future[HourlyCounts]:
        """How many records with a number above `after` each hour has, from that moment on; of very
        many, the first.

        Fails as `find` does.
        """
        return self._ask(lambda reader: reader.lookup.count(since, after)).map_error(_no_index)

    def senders(self, *, limit: int) -> Future[dict[str, int]]:
        """How many of the newest records each sender has. Fails as `find` does."""
        return self._ask(lambda reader: reader.lookup.senders(limit)).map_error(_no_index)

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

    # Erasing, while all the rest goes on (log/erasing.py, upkeep/erase.py)

    def begin_erasing(self, decided: DecidedErasure | None = None) -> Future[int]:
        """What is in the log now is in finished segments then: those before this number. So is
        already what a `decided` erasure of a shared journal is about.

        Fails with Unavailable on a disk that is full or failing, and where the last one broke off:
        then the index is neither as the log was nor as it is, and the next start makes it anew.
        """
        if self._is_erasing:
            raise Unavailable("The last erasing was interrupted; restart the server first.")

        if decided:
            return Future.of(decided.n + 1)

        def begin(writer: Writer) -> int:
            return _as_storage_error(lambda: writer.begin_segment(self.journal.tip.n + 1))

        return self.journal.between(begin)

    def finish_erasing(
        self, wait: Callable[[Future[Any]], Any], decided: DecidedErasure | None = None
    ) -> list[ErasedRecord]:
        """Does what `upkeep.erase.prepare` wrote down, step by step; `wait` waits for a step, and
        others have their turn meanwhile. Gives the records whose texts are gone then; where there
        are none, nothing is changed, unless all copies of a shared journal have `decided` it.

        Raises Unavailable where the index cannot follow, and StorageError or OSError where
        something cannot be read.
        """
        disk, folder, indexing = self._disk, self.folder, self._indexing
        wait(self._ask(lambda _: None).map_error(_no_index))
        segments = wait(self._in_thread(lambda: list(noted(disk, folder))))
        gone = [record for segment in segments for record in segment.gone]
        if self._mending.is_under_way:
            raise Unavailable("The index is being rebuilt. Try again in a minute.")
        if not gone and decided is None:
            wait(self._in_thread(lambda: forget_note(disk, folder)))
            return []
        self._is_erasing = True
        wait(self._in_thread(lambda: indexing.erase_words(gone)))
        firsts = [segment.first for segment in segments]
        wait(self.journal.between(lambda writer: self._decide(writer, firsts)))
        seals = wait(self._in_thread(lambda: overwrite(disk, folder)))
        manifest = wait(self.journal.between(lambda writer: self._conclude(writer, seals, decided)))
        self.epoch = manifest.epoch
        wait(self._in_thread(lambda: indexing.mark_erased(manifest.index_key)))
        wait(self._in_thread(indexing.merge_words))
        self._is_erasing = False
        return gone

    def _decide(self, writer: Writer, firsts: list[int]) -> None:
        """On the writer's thread, while no batch is written."""
        writer.expect_changes(firsts)
        decide(self._disk, self.folder)

    def _conclude(self, writer: Writer, seals: Seals, decided: DecidedErasure | None) -> Manifest:
        """On the writer's thread, while no batch is written."""
        sealing = self._sealing
        epoch = None
        if decided and self._beginning:
            epoch = shared_epoch(self._beginning.epoch, [*sealing.manifest.erasures, decided])
        sealing.manifest = conclude(
            self._disk, self.folder, sealing.manifest, seals, epoch=epoch, decided=decided
        )
        writer.changes_are_done()
        return sealing.manifest

    def _in_thread(self, step: Callable[[], T]) -> Future[T]:
        """Does a step that takes a while in a thread of its own, if there is an event loop."""
        task, deliver = ThreadTask(lambda: _as_storage_error(step), Future()), self._deliver
        if deliver is None:
            task.settle()()
        else:
            Thread(target=lambda: deliver(task.settle()), name="log aside", daemon=True).start()
        return task.outcome

    def _written(self, batch: Batch[Event], spot: SegmentOffset) -> None:
        self.latency.add(batch.seconds)
        self._took_in(batch, spot)

    def _took_in(self, batch: Batch[Event], spot: SegmentOffset) -> None:
        for event in batch.values:
            self._heads[event.room] = event.seq
            self._last_times[event.room] = event.at
            if event.type == "delete" or pins_in(event):
                self._pins.pop(event.room, None)
        self._newest.add(batch, spot)

    def _others_wrote(self, batch: Batch[Event], offset: SegmentOffset) -> None:
        """What other processes appended; there is no connection of this one to leave out."""
        self._took_in(batch, offset)
        for event in batch.values:
            self._cids.know(event)
            self.feed.hand_out(as_told(event), ELSEWHERE)

    def _sent_meanwhile(self, sent: Sent, pending: Future[Appended]) -> Appended | None:
        """What another process has appended since this was on its way."""
        draft = sent[0]
        if draft.cid is None or draft.type != "message" or self._cids.recent(draft) is pending:
            return None
        sent_before = self._sent_before(draft, draft.cid)
        return sent_before.result() if sent_before else None

    def _repeated(self, sent: Sent, where: Repeated) -> Appended:
        """Another process has appended this message before."""
        message = self.message(sent[0].room, where.seq)
        if message is None:
            raise Unavailable("A part of the history cannot be read.")
        return Appended(message, duplicate=True)

    def _hand_out(self, sent: Sent, event: Event) -> Appended:
        event = as_told(event)
        self.feed.hand_out(event, sent[2])
        return Appended(event, duplicate=False)


def _as_storage_error(step: Callable[[], T]) -> T:
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


def _no_index(error: Exception) -> Exception:
    if isinstance(error, IndexFailed):
        return Unavailable(f"The index cannot be used at the moment ({error}); is the disk full?")
    return error
