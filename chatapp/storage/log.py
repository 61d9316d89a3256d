"""The log of every message: what managers append to, and what everyone reads from.

Floor 0: it knows neither Flask nor gevent. What it needs of an event loop is one function,
`deliver`, that calls another on the owner's thread.

    append ── Journal ── Forming: numbers and bytes ── Writer ── messages/*.jsonl
                 └─ durable ── Newest: Tail (memory) ── Index (SQLite), a moment later
    history, events ── Reader: Lookup (the index up to a number), Tail behind it, Files for texts
    search, find … ── IndexWorker: the same in a thread or process of its own, when the index has
                      caught up
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from chatapp.config import Durability
from chatapp.errors import Unavailable
from chatapp.limits import HISTORY_LIMIT
from chatapp.model import Draft, Event, History, Message
from chatapp.pending import Pending
from chatapp.storage.aside import aside
from chatapp.storage.begin import Sealing, open_writer
from chatapp.storage.cids import SeenCids
from chatapp.storage.disk import Disk, remove_folder
from chatapp.storage.errors import DiskFailed, DiskFull, IndexFailed
from chatapp.storage.files import Files
from chatapp.storage.forming import Dated, Forming
from chatapp.storage.hot_erase import (
    Gone,
    Prepared,
    decide,
    erasing_folder,
    inodes,
    prepared,
    put_in_place,
)
from chatapp.storage.index_process import IndexProcess
from chatapp.storage.index_worker import IndexWorker
from chatapp.storage.journal import Batch, Deliver, Journal
from chatapp.storage.latency import Latency
from chatapp.storage.lookup import Counted, Lookup
from chatapp.storage.manifest import Manifest
from chatapp.storage.moment import Clock, now
from chatapp.storage.newest import Newest
from chatapp.storage.opening import Opened, open_up
from chatapp.storage.plain import one_line_for
from chatapp.storage.query import all_words, parse
from chatapp.storage.questions import Count, Find, First, Search, Senders
from chatapp.storage.reader import Logged, Reader, SearchPage
from chatapp.storage.sought import on_day, sought
from chatapp.storage.soundness import note_checksum
from chatapp.storage.tail import Tail
from chatapp.storage.writer import SEGMENT_BYTES, Spot, Writer

T = TypeVar("T")

logger = logging.getLogger(__name__)


class MessageLog:
    """An opened log. All methods are for the owner's thread."""

    def __init__(
        self,
        disk: Disk,
        folder: Path,
        opened: Opened,
        *,
        index: Path,
        deliver: Deliver | None,
        process: IndexProcess | None,
    ) -> None:
        self.folder = folder
        self.epoch = opened.manifest.epoch
        self.latency = Latency()
        self._disk = disk
        self._deliver = deliver
        self._sealing = Sealing(disk, folder, opened.manifest)
        self._indexing = opened.indexing
        self._index_path = index
        self._worker = IndexWorker(
            opened.indexing,
            Reader(Lookup.open(index), Files(disk, folder), Tail()),
            deliver,
            process,
        )
        self._newest = Newest(self._worker, opened.rest)
        self._reader = Reader(Lookup.open(index), Files(disk, folder), self._newest.tail)
        self._seen: SeenCids | None = None
        self._closed = False
        self._is_erasing = False
        self._forming: Forming
        self.journal: Journal[Dated, Event]

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        durability: Durability = "fsync",
        clock: Clock = now,
        deliver: Deliver | None = None,
        index: Path | None = None,
        index_process: bool = False,
        quarantine: Path | None = None,
        disk: Disk | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> "MessageLog":
        """The log in `folder`, which is made where there is none, recovered and indexed.

        `deliver` calls a function on the owner's thread, soon; without it, `append` returns
        when the record is durable. With `index_process`, the index is asked in a process of its
        own. Raises StorageError.
        """
        disk = disk or Disk()
        index = index or folder.parent / "index.sqlite3"
        opened = open_up(disk, folder, index, quarantine or folder.parent / "quarantine")
        with one_line_for(folder):
            process = IndexProcess(folder, index) if index_process else None
            log = cls(disk, folder, opened, index=index, deliver=deliver, process=process)
            log._forming = Forming(opened.heads, clock, randomness)
            log.journal = Journal(
                open_writer(
                    disk,
                    folder,
                    opened.manifest,
                    opened.recovered,
                    durability=durability,
                    segment_bytes=segment_bytes,
                    sealing=log._sealing,
                ),
                opened.recovered.tip,
                form=log._forming.form,
                written=log._written,
                deliver=deliver,
            )
            if deliver:
                log._seen = SeenCids(index, deliver)
                log._seen.start(log._newest.tail.cids())
            return log

    # Writing

    def append(self, draft: Draft, *, at: str | None = None) -> Pending[Event]:
        """Resolved in log order, when the event is durable; fails with ReadOnly or Unavailable.

        `at` is when it happened, where that is not now: what is imported has a past.
        """
        if self._seen and draft.cid is not None:
            self._seen.add(draft.sender, draft.cid)
        return self.journal.append((draft, at))

    def flush(self) -> None:
        """Waits until everything that was appended is durable."""
        self.journal.flush()

    def close(self) -> None:
        """Flushes, brings the index up to date, and lets go of everything."""
        if self._closed:
            return
        self._closed = True
        self.journal.close()
        if self._seen:
            self._seen.stop()
        self._newest.close()
        self._reader.close()
        note_checksum(self._index_path)

    # Reading

    def head(self, room: str) -> int:
        """The seq of the room's last event, 0 where there is none."""
        return self._forming.heads.get(room, 0)

    def heads(self) -> dict[str, int]:
        return dict(self._forming.heads)

    def message(self, room: str, seq: int) -> Message | None:
        return self._reader.message(room, seq)

    def followers(self, room: str, seq: int) -> list[Event]:
        """The edits, deletions and reactions that point at a message, oldest first."""
        return self._reader.followers(room, seq)

    def find_cid(self, sender: str, cid: str) -> Message | None:
        """The message that this sender sent with this cid, if it is in the log."""
        if self._seen and not self._seen.may_have(sender, cid):
            return None
        return self._reader.find_cid(sender, cid)

    def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = HISTORY_LIMIT,
    ) -> History:
        """A page of messages: the newest, or those before, after or around a seq."""
        if after is not None:
            return self._reader.after(room, after, limit)
        if around is not None:
            return self._reader.around(room, around, limit)
        return self._reader.newest(room, before, limit)

    def first_since(self, room: str, moment: datetime) -> Pending[int | None]:
        """The seq of the room's first message from that moment on; None where there is none.

        The first by its day, and of that day the first in the room: what is older may have been
        imported later.
        """
        wanted = sought([room], None, moment, None, before=None)
        return self._newest.ask(First(wanted)).otherwise(_no_search)

    def events(self, room: str, *, after: int, limit: int) -> list[Event]:
        """A room's events behind a seq, oldest first, as they happened."""
        return self._reader.events(room, after, limit)

    def search(
        self,
        text: str,
        *,
        rooms: Sequence[str] | None = None,
        before: int | None = None,
        limit: int = HISTORY_LIMIT,
    ) -> Pending[SearchPage]:
        """Messages of these rooms that fit what a person typed (see query.py), newest first.

        Raises BadPayload where that cannot be.
        """
        query = parse(text)
        if query.room is not None:
            rooms = [query.room] if rooms is None or query.room in rooms else []
        fitting = sought(rooms, query.sender, query.since, query.until, before=before)
        return self._newest.ask(Search(query, fitting, limit)).otherwise(_no_search)

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
    ) -> Pending[list[Logged]]:
        """Records, newest first, with a number below `before`: the audit view, nothing folded.

        With `after`, those that follow next upon this number, newest first too.
        `day` is YYYY-MM-DD in UTC; `since` is included, `until` is not. With `text`, messages
        that say all its words now.

        Fails with Unavailable where the index cannot be used, and with StorageError at damage.
        """
        if day is not None:
            since, until = on_day(day)
        fitting = sought(rooms, sender, since, until, before=before, after=after)
        query = None if text is None else all_words(text)
        if query is not None and not query.terms:
            return Pending.of([])
        return self._newest.ask(Find(fitting, query, limit)).otherwise(_no_index)

    def count(self, *, since: datetime, after: int) -> Pending[Counted]:
        """How many records with a number above `after` each hour has, from that moment on; of very
        many, the first.

        Fails as `find` does.
        """
        wanted = sought(None, None, since, None, before=None, after=after)
        return self._newest.ask(Count(wanted)).otherwise(_no_index)

    def senders(self, *, limit: int) -> Pending[dict[str, int]]:
        """How many of the newest records each sender has. Fails as `find` does."""
        return self._newest.ask(Senders(limit)).otherwise(_no_index)

    # Erasing, while all the rest goes on (hot_erase.py)

    def begin_erasing(self) -> Pending[int]:
        """What is in the log now is in finished segments then: those before this number.

        Fails with Unavailable on a disk that is full or failing, and where the last one broke off:
        then the index is neither as the log was nor as it is, and the next start makes it anew.
        """
        if self._is_erasing:
            raise Unavailable("The last erasing broke off; start the server again before the next.")

        def begin(writer: Writer) -> int:
            return _plainly(lambda: writer.begin_segment(self.journal.tip.n + 1))

        return self.journal.between(begin)

    def finish_erasing(self) -> Generator[Pending[Any], None, list[Gone]]:
        """The steps that put in its place what `hot_erase.prepare` made: go on to the next one
        when the one before is done. Gives the records whose texts are gone then; where there are
        none, nothing is changed.

        Raises Unavailable where the index cannot follow, and StorageError or OSError where
        something cannot be read.
        """
        yield (caught_up := self._newest.ask(None).otherwise(_no_index))
        caught_up.result()
        yield (made := self._aside(lambda: prepared(self._disk, self.folder)))
        prepared_, indexing = made.result(), self._indexing
        if not prepared_.gone:
            yield self._aside(lambda: remove_folder(self._disk, erasing_folder(self.folder)))
            return []
        self._is_erasing = True
        yield self._worker.work_alone()
        yield self._aside(lambda: indexing.erase_words(prepared_.gone))
        moved = inodes(self._disk, self.folder, prepared_)
        indexing.know_moved(moved)
        self._reader.know_moved(moved)
        self._worker.reader.know_moved(moved)
        yield (swapped := self.journal.between(lambda _: self._swap_in(prepared_)))
        manifest = swapped.result()
        self.epoch = manifest.epoch
        self._reader.open_anew()
        yield self._worker.between(self._worker.reader.open_anew)
        yield self._aside(indexing.open_anew)
        yield self._aside(lambda: indexing.move(prepared_.starts, manifest.index_key))
        yield self._aside(indexing.merge_words)
        self._worker.work_together()
        self._is_erasing = False
        return prepared_.gone

    def _swap_in(self, made: Prepared) -> Manifest:
        """On the writer's thread, while no batch is written."""
        self._sealing.manifest = decide(self._disk, self.folder, made, self._sealing.manifest)
        put_in_place(self._disk, self.folder)
        return self._sealing.manifest

    def _aside(self, step: Callable[[], T]) -> Pending[T]:
        """Done in a thread of its own, where there is an event loop that must not wait."""
        return aside(lambda: _plainly(step), self._deliver)

    def _written(self, batch: Batch[Event], spot: Spot) -> None:
        self.latency.add(batch.seconds)
        self._forming.written(batch.values)
        self._newest.add(batch, spot)


def _plainly(step: Callable[[], T]) -> T:
    """What disk and SQLite refuse, as it is told to people."""
    try:
        return step()
    except (DiskFull, DiskFailed, sqlite3.Error) as error:
        raise Unavailable(f"The disk is full or failing: {error}.") from error


def _no_search(error: Exception) -> Exception:
    """For those who chat: what is wrong with the log is not for them to know."""
    logger.error("A search failed: %s", error)
    return Unavailable("Search does not work at the moment.")


def _no_index(error: Exception) -> Exception:
    if isinstance(error, IndexFailed):
        return Unavailable(f"The index cannot be used at the moment ({error}); is the disk full?")
    return error
