"""The log of every message: what managers append to; log_reading.py is what everyone reads from.

Floor 0: it knows neither Flask nor gevent. What it needs of an event loop is one function,
`deliver`, that calls another on the owner's thread.

    append ── Journal ── Forming: numbers and bytes ── Writer ── messages/*.jsonl
                 └─ durable ── Newest: Tail (memory) ── Index (SQLite), a moment later
"""

import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from chatapp.config import Durability
from chatapp.domain.clock import Clock, now
from chatapp.domain.errors import Unavailable
from chatapp.domain.future import Future, all_of
from chatapp.domain.model import (
    Appended,
    Draft,
    Event,
    Message,
    as_told,
)
from chatapp.domain.subjects import Subject
from chatapp.log.disk import Disk
from chatapp.log.erasing import ErasedRecord, Seals, conclude, decide, forget_note, noted, overwrite
from chatapp.log.errors import one_line_for
from chatapp.log.journal import Batch, Deliver, Joined, Journal
from chatapp.log.latency import Latency
from chatapp.log.manifest import Beginning, DecidedErasure, Manifest, shared_epoch
from chatapp.log.sequencer import Check, Sent, Sequencer, SharedSequencer
from chatapp.log.shared_journal import SharedJournal
from chatapp.log.stream import Repeated, Share
from chatapp.log.writer import SEGMENT_BYTES, SegmentOffset, Writer
from chatapp.store.feed import ELSEWHERE, Feed
from chatapp.store.log_reading import LogReading, as_storage_error, no_index
from chatapp.store.opening import Opened, open_up
from chatapp.store.opening_folder import Sealing, open_writer

CHECKS = 20
"""How often a draft is checked again because the rules have changed meanwhile."""


class MessageLog(LogReading):
    """An opened log. All methods are for the owner's thread."""

    def __init__(
        self, disk: Disk, folder: Path, opened: Opened, *, index: Path, deliver: Deliver | None
    ) -> None:
        super().__init__(disk, folder, opened, index=index, deliver=deliver)
        self.epoch = opened.manifest.epoch
        self.latency = Latency()
        self.feed = Feed()
        self._sealing = Sealing(disk, folder, opened.manifest)
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

    @property
    def unindexed(self) -> int:
        """The number of events that are in memory because the index may not have them yet."""
        return len(self._newest.tail.entries)

    def indexed(self) -> Future[None]:
        """Resolved when the index has what is durable now, or has failed to take it in."""
        done: Future[None] = Future()
        self._ask(lambda _: None).add_done_callback(lambda _: done.resolve(None))
        return done

    def flush(self) -> None:
        """Waits until everything that was appended is durable."""
        self.journal.flush()

    def close(self) -> None:
        """Flushes, brings the index up to date, and lets go of everything."""
        if self._closed:
            return
        self._closed = True
        self.journal.close()
        super().close()

    def reach(self, room: str, seq: int) -> Future[None]:
        """Resolved when that event is here, which another process may have told of first; also if
        there is none."""
        return Future.of(None) if self.head(room) >= seq else self.journal.catch_up()

    def reach_number(self, n: int) -> Future[None]:
        """As `reach`, for a record's number."""
        return Future.of(None) if self.last_n >= n else self.journal.catch_up()

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
            return as_storage_error(lambda: writer.begin_segment(self.journal.tip.n + 1))

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
        wait(self._ask(lambda _: None).map_error(no_index))
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

    def _written(self, batch: Batch[Event], spot: SegmentOffset) -> None:
        self.latency.add(batch.seconds)
        self._took_in(batch, spot)

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
