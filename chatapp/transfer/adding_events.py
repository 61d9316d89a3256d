"""Appends the events of an import to the log, and counts them.

Several messages are on their way at once, where that is faster; what refers to one waits for it. A
dry run appends nothing: a message that it would append has a negative number.
"""

from collections.abc import Callable
from typing import Any

from chatapp.domain.future import Future
from chatapp.domain.model import Appended, Draft, Event
from chatapp.domain.polls import is_vote, voter_of
from chatapp.store.message_log import MessageLog
from chatapp.transfer.imported_files import ImportedFiles
from chatapp.transfer.imported_groups import ImportedGroups
from chatapp.transfer.sources.appending import MOST_UNINDEXED
from chatapp.transfer.sources.report import Report

AT_ONCE = 1_000
"""The number of messages on their way."""
MISSING_FILE = "the bytes of a file are not beside the export"

Place = tuple[str, int]
"""Room and seq of a message in the file."""


class EventAdder:
    """`writers` are the names of those who wrote in each room."""

    def __init__(
        self,
        log: MessageLog,
        report: Report,
        files: ImportedFiles,
        wait: Callable[[Future[Any]], Any],
        *,
        dry_run: bool,
    ) -> None:
        self._log = log
        self._report = report
        self._files = files
        self._wait = wait
        self._dry_run = dry_run
        self._seqs: dict[Place, int] = {}
        self._on_their_way: list[tuple[Place, Future[Appended]]] = []
        self.groups = ImportedGroups()
        self.writers: dict[str, set[str]] = {}
        self._places: set[Place] = set()
        """Of those on their way."""
        self._planned: dict[tuple[str, str, str | None, str | None], int] = {}
        """The numbers of the messages of a dry run, by room, sender, the sender's id, and cid."""

    def add(self, where: str, event: Event, draft: Draft) -> None:
        """`event` is the row, `draft` what it is here."""
        draft = self._with_files(where, draft)
        self.writers.setdefault(draft.room, set()).add(draft.sender)
        self.groups.see(draft, event.at)
        place = (event.room, event.seq)
        if draft.type != "message":
            self._add_other(event, draft)
            return
        if place in self._places:
            self.finish()
        if _is_same_event(self._log, draft, event):
            self._report.duplicates += 1
            self._seqs[place] = event.seq
            if not self._dry_run:
                self._files.attach(draft, event.seq, event.at)
            return
        if self._dry_run:
            self._plan(place, draft)
            return
        appending = self._log.append(draft, at=event.at)
        self._on_their_way.append((place, appending))
        if event.seq:
            self._places.add(place)
        if appending.done or len(self._on_their_way) >= AT_ONCE:
            self.finish()

    def seq_of(self, room: str, seq: int) -> int | None:
        """The number here of a message that was added."""
        if (room, seq) in self._places:
            self.finish()
        return self._seqs.get((room, seq))

    def finish(self) -> None:
        """Wait for what is on its way."""
        sent, self._on_their_way = self._on_their_way, []
        for place, pending in sent:
            appended = self._wait(pending)
            self._count(appended.event, is_duplicate=appended.duplicate)
            self._files.attach(appended.event, appended.event.seq, appended.event.at)
            if place in self._places:
                self._seqs[place] = appended.event.seq
        self._places.clear()
        if self._log.unindexed > MOST_UNINDEXED:
            self._wait(self._log.indexed())

    def _with_files(self, where: str, draft: Draft) -> Draft:
        if self._dry_run:
            missing = self._files.lacking(draft)
        else:
            missing = self._files.missing
            draft = self._files.brought(draft)
            missing = self._files.missing - missing
        for _ in range(missing):
            self._report.lose(where, MISSING_FILE)
        return draft

    def _add_other(self, event: Event, draft: Draft) -> None:
        self.finish()
        is_of_planned = draft.target is not None and draft.target < 0
        if not is_of_planned and _repeats(self._log, draft, event.at):
            self._report.duplicates += 1
        elif self._dry_run:
            self._count(draft, is_duplicate=False)
        else:
            appended = self._wait(self._log.append(draft, at=event.at))
            self._count(appended.event, is_duplicate=appended.duplicate)

    def _plan(self, place: Place, draft: Draft) -> None:
        key = (draft.room, draft.sender, draft.by, draft.cid)
        known = self._planned.get(key)
        if known is None and draft.cid is not None:
            known = self._log.find_cids([draft])[0]
        self._count(draft, is_duplicate=known is not None)
        self._seqs[place] = known or -len(self._planned) - 1
        if draft.cid is not None:
            self._planned[key] = self._seqs[place]

    def _count(self, event: Event | Draft, *, is_duplicate: bool) -> None:
        report = self._report
        if is_duplicate:
            report.duplicates += 1
            return
        report.messages += event.type == "message"
        report.replies += event.type == "message" and event.thread is not None
        report.edits += event.type == "edit"
        report.deletions += event.type == "delete"
        report.reactions += event.type == "react"
        report.files += len(event.files or ()) if event.type == "message" else 0


def _is_same_event(log: MessageLog, draft: Draft, event: Event) -> bool:
    """Whether the row came from this same log; not every message has a cid."""
    if not 0 < event.seq <= log.head(draft.room):
        return False
    for there in log.events(draft.room, after=event.seq - 1, limit=1):
        same = (there.seq, there.type, there.sender, there.by) == (
            *(event.seq, draft.type, draft.sender, draft.by),
        )
        texts = there.text == draft.text or there.erased_at or event.erased_at
        return bool(same and there.at == event.at and texts)
    return False


def _repeats(log: MessageLog, draft: Draft, at: str) -> bool:
    """Whether an edit, deletion or reaction with this time is already in the log."""
    if is_vote(draft):
        return _repeats_vote(log, draft, at)
    new = (draft.type, draft.sender, draft.by, at, draft.text, draft.emoji, draft.on, draft.blobs)
    return any(
        (old.type, old.sender, old.by, old.at, old.text, old.emoji, old.on, old.blobs) == new
        for old in log.followers(draft.room, draft.target or 0)
    )


def _repeats_vote(log: MessageLog, vote: Draft, at: str) -> bool:
    """Whether a vote is in the log, or one of the same person that came after it."""
    poll = vote.target or 0
    last = log.own_votes(vote.room, {poll: voter_of(vote)}).get(poll)
    return last is not None and (at < last.at or (at == last.at and vote.vote == last.options))
