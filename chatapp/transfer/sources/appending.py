"""Appends the messages of a source to the log, and then what happened to them.

    draft ── its seq, before it is durable ── on its way ── durable ── its edit, reactions, deletion

The log numbers the events of a room in the order in which they are appended. While nobody else
appends, the seq of a message is known at once, so a reply need not wait for the message that it
answers. Where several servers share a log, it waits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from chatapp.domain.future import Future, all_of
from chatapp.domain.model import Appended, Draft, FileInfo
from chatapp.store.message_log import MessageLog
from chatapp.transfer.sources.changes import SourceChanges, has_changes
from chatapp.transfer.sources.records import SourceFile, SourceMessage
from chatapp.transfer.sources.report import Report
from chatapp.transfer.sources.seqs import SourceSeqs

MOST_UNINDEXED = 6_000
"""With more events in memory, the import waits for the index, so that its memory is bounded."""
_PLANNED_SEQ = 1
"""Stands for the seq of a message in a dry run."""


_MessageKey = tuple[str, str | None, str | None]
"""Room, author and cid."""


class FilesOfSource(Protocol):
    """Brings the files of messages. A file has the same id each time."""

    def bring(self, file: SourceFile, room: str, by: str) -> FileInfo | None:
        """None: its bytes are not in the export, or damaged."""

    def attach(self, file: FileInfo, room: str, seq: int) -> None:
        """The message with this seq has the file."""


class _Sent(NamedTuple):
    """A draft of a message. `is_first`: it has what happened to the message. `seq` is None until it
    is durable, if only the log can say. `is_known`: it was in the log before; otherwise it is on
    its way, or planned in a dry run."""

    message: SourceMessage
    draft: Draft
    is_first: bool
    seq: int | None
    is_known: bool = False
    appended: Future[Appended] | None = None


class Appending:
    """`wait` waits for what is appended. `scratch` is a folder for temporary files. A `dry_run`
    appends nothing, and counts the same. Use `close` at the end."""

    def __init__(
        self,
        log: MessageLog,
        *,
        changes: SourceChanges,
        files: FilesOfSource,
        report: Report,
        wait: Callable[[Future[Any]], Any],
        scratch: Path,
        dry_run: bool,
    ) -> None:
        self._log = log
        self._changes = changes
        self._files = files
        self._report = report
        self._wait = wait
        self._dry_run = dry_run
        self._sent: list[_Sent] = []
        self._keys: set[_MessageKey] = set()
        """Of those in `_sent`."""
        self._ahead: dict[str, int] = {}
        """The seq of the last event of each room that is on its way."""
        self._seqs = SourceSeqs(scratch)
        self._unnumbered: set[tuple[str, str]] = set()
        """Those whose seq is known when they are durable."""
        self._planned: set[int] = set()
        """Hashes of the messages of a dry run: some 80 bytes for each."""

    def add(
        self, message: SourceMessage, draft: Draft, known: int | None, *, is_first: bool
    ) -> None:
        """`known` is the seq of the message if it is in the log."""
        key = (draft.room, draft.by, draft.cid)
        if key in self._keys:  # the export has it twice
            self.settle()
            known = known or self._log.find_cids([draft])[0]
        self._keys.add(key)
        if self._dry_run:
            self._plan(_Sent(message, draft, is_first, known or _PLANNED_SEQ, bool(known)), key)
        elif known is not None:
            self._send(_Sent(message, draft, is_first, known, is_known=True))
        else:
            appended = self._log.append(draft, at=message.at)
            number = self._seq_of(appended, draft.room)
            self._send(_Sent(message, draft, is_first, number, appended=appended))

    def seq_of(self, room: str, id: str) -> int | None:
        """The seq of a message, by its id in the source."""
        if (room, id) in self._unnumbered:
            self.settle()
        return self._seqs.get(room, id)

    def forget(self) -> None:
        """Nothing refers any more to messages before."""
        self._seqs.forget()

    def close(self) -> None:
        self._seqs.close()

    def settle(self) -> None:
        """Wait for what is on its way, and append what happened to these messages."""
        sent, self._sent = self._sent, []
        self._keys.clear()
        self._unnumbered.clear()
        seqs = [self._durable(each) for each in sent]
        changed = [at for at, one in enumerate(sent) if one.is_first and has_changes(one.message)]
        asked = [at for at in changed if sent[at].is_known]
        there = self._log.followers_of([(sent[at].draft.room, seqs[at]) for at in asked])
        known = dict(zip(asked, there, strict=True))
        pending = []
        for at in changed:
            message, draft = sent[at].message, sent[at].draft
            for when, change in self._changes.new(message, draft, seqs[at], known.get(at, [])):
                if not self._dry_run:
                    pending.append(self._log.append(change, at=when))
        self._wait(all_of(pending))
        self._ahead.clear()
        if self._log.unindexed > MOST_UNINDEXED:
            self._wait(self._log.indexed())

    def _plan(self, sent: _Sent, message: _MessageKey) -> None:
        """What a dry run had before comes a second time: exports of parts overlap."""
        key = hash(message)
        if key in self._planned:
            self._tally(sent, is_duplicate=True)
            return
        self._planned.add(key)
        self._send(sent)

    def _send(self, sent: _Sent) -> None:
        self._sent.append(sent)
        message = sent.message
        if not (sent.is_first and message.is_root):
            return
        if sent.seq is None:
            self._unnumbered.add((sent.draft.room, message.id))
        else:
            self._seqs.put(sent.draft.room, message.id, sent.seq)

    def _seq_of(self, appended: Future[Appended], room: str) -> int | None:
        """The seq that a message has or gets; None if only the log can say."""
        if appended.done:
            return int(self._wait(appended).event.seq)
        if self._log.shared:
            return None
        self._ahead[room] = self._ahead.get(room, self._log.head(room)) + 1
        return self._ahead[room]

    def _durable(self, sent: _Sent) -> int:
        """The seq of a message, after it is durable."""
        message, room, seq, is_duplicate = sent.message, sent.draft.room, sent.seq, sent.is_known
        if sent.appended is not None:
            appended: Appended = self._wait(sent.appended)
            seq, is_duplicate = appended.event.seq, appended.duplicate
        assert seq is not None  # noqa: S101 - what is not on its way has one
        self._tally(sent, is_duplicate=is_duplicate)
        if not self._dry_run:
            for file in sent.draft.files or ():
                self._files.attach(file, room, seq)
        if sent.is_first and message.is_root and sent.seq is None:
            self._seqs.put(room, message.id, seq)
        elif sent.seq not in (seq, None):
            raise RuntimeError(f"message {message.id} of {room} is {seq}, not {sent.seq}")
        return seq

    def _tally(self, sent: _Sent, *, is_duplicate: bool) -> None:
        report = self._report
        if is_duplicate:
            report.duplicates += sent.is_first
            return
        report.files += len(sent.draft.files or ())
        if sent.is_first:
            report.messages += 1
            report.replies += sent.draft.thread is not None
