"""Erases texts in place: lines are overwritten, under a note from which this can be repeated.

    messages/erasing.new    is being written: the new ends of lines, and their offsets.
                            The old log is valid
    messages/erasing        the same, complete and durable: the erasing will happen after any crash.
                            Lines can be old, erased, or a mixture of both

    1  the note is written, and renamed
    2  the lines are overwritten, and made durable
    3  the manifest gets a new epoch, and new seals for the overwritten segments
    4  the note is removed

A crash before the rename leaves the old log. After it, opening the log repeats 2 to 4; repeating
them is harmless. Lines keep their lengths, so nothing moves.
A reader that meets a line while it is overwritten reads it again.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from chatapp.log.disk import Disk, opened, read_file, sync_folder, write_all
from chatapp.log.errors import StorageError
from chatapp.log.manifest import (
    DecidedErasure,
    Manifest,
    Sealed,
    load_manifest,
    save_manifest,
    seal,
    segment_path,
)

NOTE = "erasing"


class ErasedRecord(msgspec.Struct, frozen=True, array_like=True):
    """A record whose text is erased; `seq` is that of its message, even if the record is an
    edit."""

    n: int
    room: str
    seq: int


class ErasedSegment(msgspec.Struct, frozen=True, kw_only=True):
    """The erased part of a segment; `overwrites` are offsets with their new bytes.

    `sealed` is its new seal, None if it is not sealed.
    """

    first: int
    sealed: Sealed | None
    gone: list[ErasedRecord]
    overwrites: list[tuple[int, str]]


Seals = dict[int, Sealed | None]
"""New seals of overwritten segments, by first number; None if a segment was not sealed."""


def write_note(disk: Disk, folder: Path, segments: Iterable[ErasedSegment]) -> None:
    """Write down what to erase. It has no effect before `decide`."""
    size = 0
    with opened(disk, _new_note(folder), os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as fd:
        for segment in segments:
            line = msgspec.json.encode(segment) + b"\n"
            write_all(disk, fd, line, size)
            size += len(line)
        disk.fsync(fd)


def noted(disk: Disk, folder: Path) -> Iterator[ErasedSegment]:
    """Segments that are noted and not decided yet."""
    return _segments_of(disk, _new_note(folder))


def forget_note(disk: Disk, folder: Path) -> None:
    """Discard a note that was not decided."""
    if disk.exists(_new_note(folder)):
        disk.unlink(_new_note(folder))


def decide(disk: Disk, folder: Path) -> None:
    """From here on, the erasing will happen, even after a crash."""
    disk.rename(_new_note(folder), folder / NOTE)
    sync_folder(disk, folder)


def overwrite(disk: Disk, folder: Path) -> Seals:
    """Overwrite the decided lines; can be repeated.

    Missing segments are skipped; other code reports them.
    """
    seals: Seals = {}
    for segment in _segments_of(disk, folder / NOTE):
        with suppress(FileNotFoundError):
            _overwrite(disk, segment_path(folder, segment.first), segment.overwrites)
        seals[segment.first] = segment.sealed
    return seals


def conclude(
    disk: Disk,
    folder: Path,
    manifest: Manifest,
    seals: Seals,
    *,
    epoch: str | None = None,
    decided: DecidedErasure | None = None,
) -> Manifest:
    """Finish after all lines are overwritten. Returns the new manifest, which has a new epoch; in
    a copy of a shared journal, that of all copies which have this `decided` erasure."""
    segments = [_sealed_now(disk, folder, sealed, seals) for sealed in manifest.segments]
    concluded = manifest.revised(
        epoch=epoch or Manifest.new().epoch,
        segments=segments,
        erasures=[*manifest.erasures, *([decided] if decided else [])],
    )
    save_manifest(disk, folder, concluded)
    _remove_note(disk, folder)
    return concluded


def _sealed_now(disk: Disk, folder: Path, sealed: Sealed, seals: Seals) -> Sealed:
    """The seal of a segment that was sealed while its lines were overwritten, computed again."""
    if sealed.first not in seals:
        return sealed
    path = segment_path(folder, sealed.first)
    return seals[sealed.first] or seal(disk, path, sealed.first, sealed.last)


def is_erasing(disk: Disk, folder: Path) -> bool:
    """Whether lines of a log are being overwritten, or will be by the next start."""
    return disk.exists(folder / NOTE)


def finish_erasing(disk: Disk, folder: Path) -> None:
    """After a crash: complete a decided erasing, discard an undecided one."""
    forget_note(disk, folder)
    if not is_erasing(disk, folder):
        return
    seals = overwrite(disk, folder)
    try:
        manifest = load_manifest(disk, folder)
    except StorageError:  # other code reports it; a repair does not need the manifest
        manifest = None
    if manifest:
        conclude(disk, folder, manifest, seals)
    else:
        _remove_note(disk, folder)


def _new_note(folder: Path) -> Path:
    return folder / f"{NOTE}.new"


def _remove_note(disk: Disk, folder: Path) -> None:
    disk.unlink(folder / NOTE)
    sync_folder(disk, folder)


def _segments_of(disk: Disk, note: Path) -> Iterator[ErasedSegment]:
    decode = msgspec.json.Decoder(ErasedSegment).decode
    try:
        for line in read_file(disk, note).splitlines():
            yield decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(
            f"{note} is damaged ({error}): which texts were being erased is not known. Delete "
            "that file, run `chatapp log repair`, and erase them again."
        ) from None


def _overwrite(disk: Disk, path: Path, overwrites: list[tuple[int, str]]) -> None:
    with opened(disk, path, os.O_WRONLY) as fd:
        for offset, text in overwrites:
            write_all(disk, fd, text.encode(), offset)
        disk.fsync(fd)
