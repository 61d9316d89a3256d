"""Erases a person's texts, or one message's text, from the log permanently.

`erase` does it in a closed log (`chatapp log erase`). While a server runs, a separate process finds
the texts (`prepare`), and the server does the rest (`MessageLog.finish_erasing`). log/erasing.py
describes the steps, and what a crash leaves.

The lines stay, with their numbers, hashes and lengths; the time of the erasing replaces the text.
`chatapp log verify` finds no problem. The epoch changes, so that pages and clients read everything
anew and drop the texts that they have. If there is nothing to erase, nothing changes.
"""

import re
import sys
from collections import deque
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from chatapp.domain.future import Future
from chatapp.domain.model import Forwarded
from chatapp.domain.structs import prepare as prepare_structs
from chatapp.index.workers.worker_main import Tell, child
from chatapp.log import format
from chatapp.log.batches import manifest_of, starts
from chatapp.log.disk import Disk, read_file
from chatapp.log.erasing import (
    ErasedRecord,
    ErasedSegment,
    conclude,
    decide,
    forget_note,
    overwrite,
    write_note,
)
from chatapp.log.errors import StorageError, damaged
from chatapp.log.format import ChainHead, Record
from chatapp.log.manifest import Sealed, check_segments, segment_files, segment_path
from chatapp.log.progress import Progress, unwatched
from chatapp.log.recovery import BatchReader
from chatapp.store.interrupted import finish
from chatapp.store.message_log import MessageLog

_FORWARDED = re.compile(re.escape(b',"forwarded":{'))
_REPAIR_FIRST = "Run `chatapp log repair` first."


class ForwardedCopy(msgspec.Struct, frozen=True):
    """A message that somebody, its `sender`, has forwarded, and that stays."""

    room: str
    seq: int
    sender: str


MAX_COPIES = 1_000
"""How many are named."""


class Erased(msgspec.Struct, kw_only=True):
    """The number of records read, of matching records, and of texts in them; and forwarded copies
    of such texts, which stay."""

    records: int = 0
    found: int = 0
    erased: int = 0
    copies: list[ForwardedCopy] = []


class ErasureSelector(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Selects the texts to erase: those of a person, of a person in a room, of one message and its
    edits, or of all messages `up_to` a seq in each of several rooms, and their edits. A field that
    is None matches everything."""

    sender: str | None = None
    room: str | None = None
    seq: int | None = None
    up_to: dict[str, int] | None = None

    def fits(self, record: Record) -> bool:
        return (
            (self.sender is None or record.sender == self.sender)
            and (self.room is None or record.room == self.room)
            and (self.seq is None or self.seq in (record.seq, record.target))
            and (self.up_to is None or self._is_old(record))
        )

    def fits_original(self, forwarded: Forwarded) -> bool:
        """Whether a forwarded message has such a text. Old messages go by the rules of their room,
        and so do copies, in theirs."""
        return (
            self.up_to is None
            and (self.sender is None or forwarded.sender == self.sender)
            and (self.room is None or forwarded.room == self.room)
            and (self.seq is None or forwarded.seq == self.seq)
        )

    def pattern(self) -> re.Pattern[bytes]:
        """Occurs in every matching line; searching for it is faster than decoding all lines."""
        if self.sender is not None:
            return re.compile(re.escape(b'"sender":' + msgspec.json.encode(self.sender)))
        if self.seq is not None:
            return re.compile(rb'"(?:seq|target)":%d,' % self.seq)
        rooms = [self.room] if self.up_to is None else sorted(self.up_to)
        named = (re.escape(msgspec.json.encode(room)) for room in rooms)
        return re.compile(b'"room":(?:' + b"|".join(named) + b")")

    def _is_old(self, record: Record) -> bool:
        place = record.seq if record.target is None else record.target
        return place <= (self.up_to or {}).get(record.room, 0)


prepare_structs([ErasureSelector, ForwardedCopy])


class ErasureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request to the separate process. `when` replaces each text; `active` is the first number
    of the segment that the server is writing."""

    wanted: ErasureSelector
    when: str
    active: int


def erase(
    disk: Disk,
    folder: Path,
    wanted: ErasureSelector,
    *,
    when: str,
    dry_run: bool = False,
    progress: Progress = unwatched,
) -> Erased:
    """Erases texts from a log that no server has open. With `dry_run`, only counts them."""
    finish(disk, folder)
    search = _Search(disk, folder, wanted, when)
    segments = search.segments(progress)
    if dry_run:
        for _ in segments:
            pass
        return search.so_far
    try:
        write_note(disk, folder, segments)
        if search.so_far.erased:
            decide(disk, folder)
            conclude(disk, folder, search.manifest, overwrite(disk, folder))
    finally:
        forget_note(disk, folder)
    return search.so_far


def prepare(
    disk: Disk,
    folder: Path,
    wanted: ErasureSelector,
    *,
    when: str,
    active: int,
    told: Callable[[int, int], None] = lambda _lines, _erased: None,
) -> Erased:
    """Note what to erase in the segments before `active`, and change nothing else.

    `told(lines, erased)` receives the progress. Raises StorageError if a line is damaged.
    """
    search = _Search(disk, folder, wanted, when)

    def progress(_: int) -> None:
        told(search.so_far.records, search.so_far.erased)

    write_note(disk, folder, search.segments(progress, before=active))
    return search.so_far


def erase_decided(log: MessageLog, wait: Callable[[Future[Any]], Any] = Future.result) -> int:
    """Erase in an opened copy of a shared journal what all copies have to erase. `wait` waits for a
    step. Returns the number of texts. For commands: nothing else goes on meanwhile."""
    lacking = log.shared.lacking if log.shared else deque()
    erased = 0
    while lacking:
        decided = lacking[0]
        active = wait(log.begin_erasing(decided))
        wanted = msgspec.convert(decided.wanted, ErasureSelector)
        prepare(Disk(), log.folder, wanted, when=decided.at, active=active)
        erased += len(log.finish_erasing(wait, decided))
        lacking.popleft()
    return erased


def fitting_lines(
    disk: Disk, folder: Path, wanted: ErasureSelector, last: int
) -> Iterator[tuple[int, bytes]]:
    """Each line with its number that the selector fits, up to the record `last`, from finished
    segments."""
    for first in segment_files(disk, folder):
        if first > last:
            return
        path = segment_path(folder, first)
        data = read_file(disk, path)
        for offset, line in _lines_with(wanted.pattern(), data):
            record = _record(line, path, data, offset)
            if wanted.fits(record) and record.n <= last:
                yield record.n, line


class _Search:
    """Searches the log, segment by segment; `so_far` has the counts."""

    def __init__(self, disk: Disk, folder: Path, wanted: ErasureSelector, when: str) -> None:
        self.manifest = manifest_of(disk, folder)
        self.so_far = Erased()
        self._disk = disk
        self._folder = folder
        self._wanted = wanted
        self._when = when

    def segments(self, progress: Progress, before: int | None = None) -> Iterator[ErasedSegment]:
        """The segments with texts to erase, before the record `before`, if it is given."""
        disk, folder, manifest = self._disk, self._folder, self.manifest
        seals = {sealed.first: sealed for sealed in manifest.segments}
        firsts = segment_files(disk, folder)
        check_segments(folder, manifest, firsts)
        for first, head in zip(firsts, starts(disk, folder, manifest.anchor, firsts), strict=True):
            if before is not None and first >= before:
                return
            path = segment_path(folder, first)
            data = read_file(disk, path)
            seal = seals.get(first)
            if not seal:
                data = data[: _end_of_whole(disk, path, first, head, is_last=first == firsts[-1])]
            if segment := self._erased(path, first, data, seal, before):
                yield segment
            self._note_copies(path, data, before)
            progress(len(data))

    def _note_copies(self, path: Path, data: bytes, before: int | None) -> None:
        for offset, line in _lines_with(_FORWARDED, data):
            record = _record(line, path, data, offset)
            if before and record.n >= before:
                return
            is_copy = record.forwarded and self._wanted.fits_original(record.forwarded)
            stays = record.erased is None and not self._wanted.fits(record)
            if is_copy and stays and len(self.so_far.copies) < MAX_COPIES:
                self.so_far.copies.append(ForwardedCopy(record.room, record.seq, record.sender))

    def _erased(
        self, path: Path, first: int, data: bytes, seal: Sealed | None, before: int | None
    ) -> ErasedSegment | None:
        gone: list[ErasedRecord] = []
        overwrites: list[tuple[int, str]] = []
        for offset, line in _lines_with(self._wanted.pattern(), data):
            record = _record(line, path, data, offset)
            if not self._wanted.fits(record) or (before and record.n >= before):
                continue
            self.so_far.found += 1
            if format.has_text(line):
                gone.append(ErasedRecord(record.n, record.room, record.target or record.seq))
                overwrites.append(_overwrite(line, offset, self._when))
        self.so_far.records += data.count(b"\n")
        self.so_far.erased += len(gone)
        if not gone:
            return None
        sealed = seal and _sealed_anew(path, data, overwrites, seal)
        return ErasedSegment(first=first, sealed=sealed, gone=gone, overwrites=overwrites)


def _overwrite(line: bytes, offset: int, when: str) -> tuple[int, str]:
    """The offset in the segment at which an erased line changes, and its new bytes."""
    cut, erased = format.erasure(line, when)
    if cut + len(erased) != len(line):
        raise ValueError(f"{when!r} has no room in the place of a text")
    return offset + cut, erased.decode()


def _end_of_whole(disk: Disk, path: Path, first: int, head: ChainHead, *, is_last: bool) -> int:
    """The end of the last complete batch of an unsealed segment. Checks every line."""
    reader = BatchReader(disk, path, first, head)
    for _ in reader:
        pass
    if reader.problem and (not is_last or reader.has_later_batch()):
        raise damaged(path, reader.line_number, reader.problem, _REPAIR_FIRST)
    return reader.end


def _lines_with(pattern: re.Pattern[bytes], data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each line with the pattern, and its offset."""
    end = 0
    for found in pattern.finditer(data):
        if found.start() >= end:
            start = data.rfind(b"\n", 0, found.start()) + 1
            end = data.find(b"\n", found.end()) + 1 or len(data)
            yield start, data[start:end]


def _record(line: bytes, path: Path, data: bytes, offset: int) -> Record:
    try:
        format.check_crc(line)
        return format.decode_record(line)
    except format.Damage as damage:
        line_number = data.count(b"\n", 0, offset) + 1
        raise damaged(path, line_number, damage, _REPAIR_FIRST) from None


def _sealed_anew(
    path: Path, data: bytes, overwrites: list[tuple[int, str]], sealed: Sealed
) -> Sealed:
    """The seal of the overwritten segment. Raises StorageError if it had changed before."""
    if sha256(data).hexdigest() != sealed.sha256:
        raise StorageError(
            f"{path.parent.name}/{path.name} is not as it was sealed; `chatapp log verify` says "
            f"what is wrong with it. {_REPAIR_FIRST}"
        )
    new = bytearray(data)
    for offset, text in overwrites:
        new[offset : offset + len(text)] = text.encode()
    return msgspec.structs.replace(sealed, sha256=sha256(new).hexdigest())


def _prepare(asked: ErasureRequest, tell: Tell) -> None:
    found = prepare(
        Disk(),
        Path(sys.argv[1]),
        asked.wanted,
        when=asked.when,
        active=asked.active,
        told=lambda lines, erased: tell(lines=lines, erased=erased),
    )
    tell(lines=found.records, erased=found.erased, copies=found.copies)


if __name__ == "__main__":
    child(ErasureRequest, _prepare)
