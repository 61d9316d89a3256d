"""The log of every message: what managers append to, and what everyone reads from.

Floor 0: it knows neither Flask nor gevent. What it needs of an event loop is one function,
`deliver`, that calls another on the owner's thread.

    append ── Journal ── Writer ── messages/*.jsonl
                 └─ durable ── Tail (memory) ── Index (SQLite), a moment later
    history, events, find ── Index up to a number, Tail behind it ── Files (pread) ── fold
"""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread

from chatapp.config import Durability
from chatapp.limits import HISTORY_LIMIT, MAX_INTEGER
from chatapp.model import Draft, Event, History, Message
from chatapp.pending import Pending
from chatapp.storage import format
from chatapp.storage.begin import begin, go_to_end, mark_holds, open_writer
from chatapp.storage.disk import Disk
from chatapp.storage.files import Files
from chatapp.storage.fold import fold
from chatapp.storage.format import SALT_BYTES, Place, Tip
from chatapp.storage.index import Found, Index
from chatapp.storage.journal import Batch, Deliver, Journal
from chatapp.storage.manifest import segment_path
from chatapp.storage.recovery import Line
from chatapp.storage.tail import Logged, Tail, Tailed
from chatapp.storage.writer import SEGMENT_BYTES, Spot

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

INDEX_RECORDS = 500
"""The index takes in so many records at once, while messages come in."""
REBUILD_RECORDS = 5_000
"""And so many when it is rebuilt."""
LAST_DAY = date.max.isoformat()


class MessageLog:
    """An opened log. All methods are for the owner's thread."""

    def __init__(
        self,
        disk: Disk,
        folder: Path,
        epoch: str,
        index: Index,
        *,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self.epoch = epoch
        self._disk = disk
        self._folder = folder
        self._index = index
        self._index_writer = index.another()
        self._clock = clock
        self._randomness = randomness
        self._files = Files(disk, folder)
        self._indexing = Indexing(self._index_writer, Files(disk, folder))
        self._tail = Tail()
        self._heads = index.heads()
        self._journal: Journal[Draft, Tailed]

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        durability: Durability = "fsync",
        clock: Clock = lambda: datetime.now(UTC),
        deliver: Deliver | None = None,
        index: Path | None = None,
        quarantine: Path | None = None,
        disk: Disk | None = None,
        segment_bytes: int = SEGMENT_BYTES,
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> "MessageLog":
        """The log in `folder`, which is made where there is none, recovered and indexed.

        `deliver` calls a function on the owner's thread, soon; without it, `append` returns
        when the record is durable. Raises StorageError.
        """
        disk = disk or Disk()
        manifest = begin(disk, folder)
        held = Index.open(index or folder.parent / "index.sqlite3", manifest.epoch)
        since = held.mark()
        if since and not mark_holds(disk, folder, since):
            held, since = held.clear(manifest.epoch), None
        log = cls(disk, folder, manifest.epoch, held, clock=clock, randomness=randomness)
        recovered = go_to_end(
            disk,
            folder,
            manifest,
            since=since,
            quarantine=quarantine or folder.parent / "quarantine",
            found=log._found,
        )
        log._journal = Journal(
            open_writer(
                disk,
                folder,
                manifest,
                recovered,
                durability=durability,
                segment_bytes=segment_bytes,
            ),
            recovered.tip,
            form=log._form,
            written=log._written,
            deliver=deliver,
        )
        if deliver:
            log._indexing.start(deliver, log._forget)
        return log

    # Writing

    def append(self, draft: Draft) -> Pending[Event]:
        """Resolved in log order, when the event is durable; fails with ReadOnly or Unavailable."""
        return self._journal.append(draft).then(_event)

    def flush(self) -> None:
        """Waits until everything that was appended is durable."""
        self._journal.flush()

    def close(self) -> None:
        """Flushes, brings the index up to date, and lets go of everything."""
        self._journal.close()
        self._indexing.stop()
        self._catch_up()
        self._index_writer.close()
        self._index.close()
        self._files.close()

    # Reading

    def head(self, room: str) -> int:
        """The seq of the room's last event, 0 where there is none."""
        return self._heads.get(room, 0)

    def heads(self) -> dict[str, int]:
        return dict(self._heads)

    def message(self, room: str, seq: int) -> Message | None:
        event = self._event(room, seq)
        if event is None or event.type != "message":
            return None
        return self._folded(room, [event])[0]

    def find_cid(self, sender: str, cid: str) -> Message | None:
        """The message that this sender sent with this cid, if it is in the log."""
        event = self._tail.with_cid(sender, cid)
        if event is None:
            for found in self._index.with_cid(sender, cid):
                record = self._files.record(found)
                if record.sender == sender and record.cid == cid:
                    event = record.event
        return self._folded(event.room, [event])[0] if event else None

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
            page = self._after(room, after, limit + 1)
            messages, more_after = page[:limit], len(page) > limit
            more_before = bool(messages) and bool(self._before(room, messages[0].seq, 1))
        elif around is not None:
            half = limit // 2
            older = self._before(room, around, half + 1)
            newer = self._after(room, around - 1, limit - half + 1)
            messages = older[-half:] if half else []
            messages += newer[: limit - half]
            more_before, more_after = len(older) > half, len(newer) > limit - half
        else:
            page = self._before(room, MAX_INTEGER if before is None else before, limit + 1)
            messages, more_before = page[-limit:], len(page) > limit
            more_after = before is not None and bool(self._after(room, before - 1, 1))
        return History(
            messages=self._folded(room, messages), more_before=more_before, more_after=more_after
        )

    def events(self, room: str, *, after: int, limit: int) -> list[Event]:
        """A room's events behind a seq, oldest first, as they happened."""
        until = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if after + 1 < until:
            events = self._read(self._index.events_after(room, after, until, limit))
        return (events + self._tail.events(room, after))[:limit]

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
    ) -> list[Logged]:
        """Records, newest first, with a number below `before`: the audit view, nothing folded.

        With `after`, those that follow next upon this number, newest first too.
        `day` is YYYY-MM-DD in UTC; `since` is included, `until` is not. `text`: all its words.
        """
        self._catch_up()
        if day is not None:
            since = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
            until = since + timedelta(days=1) if day < LAST_DAY else None
        found = self._index.find(
            rooms=rooms,
            sender=sender,
            days=(_day(since), _day(until)),
            times=(_milliseconds(since), _milliseconds(until)),
            text=text,
            before=before,
            after=after,
            limit=limit,
        )
        return [self._logged(one) for one in found]

    # Forming batches

    def _form(self, drafts: Sequence[Draft], tip: Tip) -> Batch[Tailed]:
        at = iso(self._clock())
        salts = format.salts(self._randomness(SALT_BYTES * len(drafts)))
        heads: dict[str, int] = {}
        lines, values = [], []
        batch, more, n, previous = tip.batch + 1, len(drafts), tip.n, tip.hash.encode()
        for draft, salt in zip(drafts, salts, strict=True):
            n, more = n + 1, more - 1
            seq = heads.get(draft.room) or self._heads.get(draft.room, 0)
            heads[draft.room] = seq = seq + 1
            event = _stamped(draft, seq, at)
            line, previous = format.encode_event(event, Place(n, batch, more), salt, previous)
            lines.append(line)
            values.append(Tailed(n, 0, 0, line, event))
        return Batch(lines, values, Tip(n, batch, previous.decode()))

    def _written(self, batch: Batch[Tailed], spot: Spot) -> None:
        offset = spot.offset
        for value in batch.values:
            self._heads[value.event.room] = value.event.seq
            self._tail.add(Tailed(value.n, spot.first, offset, value.line, value.event))
            offset += len(value.line)
        self._index_some(INDEX_RECORDS)

    def _found(self, lines: list[Line]) -> None:
        """Lines that are read while the log is opened."""
        for line in lines:
            event = format.decode_record(line.bytes).event
            self._heads[event.room] = event.seq
            self._tail.add(Tailed(line.n, line.first, line.offset, line.bytes, event))
        self._index_some(REBUILD_RECORDS)

    # Indexing

    def _index_some(self, enough: int) -> None:
        if len(self._tail.entries) < enough:
            return
        if self._indexing.running:
            self._indexing.offer(self._tail.entries)
        else:
            self._catch_up()

    def _catch_up(self) -> None:
        """Brings the index up to the last durable record, here and now."""
        self._forget(self._indexing.take_in(self._tail.entries))

    def _forget(self, n: int) -> None:
        self._tail.forget(n)

    # Reading records

    def _event(self, room: str, seq: int) -> Event | None:
        if event := self._tail.event(room, seq):
            return event
        found = self._index.record(room, seq)
        return self._files.record(found).event if found else None

    def _before(self, room: str, seq: int, limit: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        newest = [e for e in self._tail.events(room, 0) if e.type == "message" and e.seq < seq]
        newest = newest[-limit:]
        if len(newest) < limit:
            found = self._index.messages_before(room, min(seq, start), limit - len(newest))
            newest = self._read(found) + newest
        return newest

    def _after(self, room: str, seq: int, limit: int) -> list[Event]:
        start = self._tail.first_seq(room) or MAX_INTEGER
        events: list[Event] = []
        if seq + 1 < start:
            events = self._read(self._index.messages_after(room, seq, start, limit))
        if len(events) < limit:
            newer = (e for e in self._tail.events(room, seq) if e.type == "message")
            events = (events + list(newer))[:limit]
        return events

    def _folded(self, room: str, messages: list[Event]) -> list[Message]:
        if not messages:
            return []
        seqs = [message.seq for message in messages]
        followers = self._tail.followers(room, seqs)
        start = self._tail.first_seq(room) or MAX_INTEGER
        older: dict[int, list[Event]] = {}
        if seqs[0] < start:
            for event in self._read(self._index.followers(room, seqs[0], seqs[-1], start)):
                older.setdefault(event.target or 0, []).append(event)
        return [fold(m, [*older.get(m.seq, []), *followers[m.seq]]) for m in messages]

    def _read(self, found: list[Found]) -> list[Event]:
        return [self._files.record(one).event for one in found]

    def _logged(self, found: Found) -> Logged:
        path = segment_path(self._folder, found.first)
        raw, record = self._files.line_and_record(found)
        return Logged(
            n=found.n,
            file=f"{self._folder.name}/{path.name}",
            line=found.n - found.first + 1,
            record=record.event,
            raw=raw,
        )


class Indexing:
    """Taking records into the index: in a thread of its own, or at once when asked to."""

    def __init__(self, index: Index, files: Files) -> None:
        self.running = False
        self._index = index
        self._files = files
        mark = index.mark()
        self._n = mark.tip.n if mark else 0
        self._lock = Lock()
        self._busy = False
        self._jobs: SimpleQueue[list[Tailed] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def start(self, deliver: Deliver, taken: Callable[[int], None]) -> None:
        """Begins the thread; `taken` hears on the owner's thread up to which number it came."""

        def work() -> None:
            while entries := self._jobs.get():
                n = self.take_in(entries)
                deliver(lambda n=n: done(n))  # type: ignore[misc]

        def done(n: int) -> None:
            self._busy = False
            taken(n)

        self._thread = Thread(target=work, name="log indexer", daemon=True)
        self._thread.start()
        self.running = True

    def offer(self, entries: list[Tailed]) -> None:
        """Gives the thread something to do, unless it is busy."""
        if not self._busy:
            self._busy = True
            self._jobs.put(list(entries))

    def take_in(self, entries: list[Tailed]) -> int:
        """Takes in those that are new, and says up to which number the index goes now."""
        with self._lock:
            new = [entry for entry in entries if entry.n > self._n]
            if new:
                self._index.add(new, self._files.record)
                self._n = new[-1].n
            return self._n

    def stop(self) -> None:
        if self._thread:
            self._jobs.put(None)
            self._thread.join()
            self.running = False
        self._files.close()


def iso(moment: datetime) -> str:
    """`2026-11-22T09:30:00.123Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _event(tailed: Tailed) -> Event:
    return tailed.event


def _stamped(draft: Draft, seq: int, at: str) -> Event:
    return Event(
        room=draft.room,
        seq=seq,
        sender=draft.sender,
        at=at,
        type=draft.type,
        text=draft.text,
        cid=draft.cid,
        reply_to=draft.reply_to,
        target=draft.target,
        emoji=draft.emoji,
        on=draft.on,
    )


def _day(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).date().isoformat() if moment else None


def _milliseconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp() * 1000) if moment else None
