"""Erasing while a server writes and reads: made beside the log, put into its place file by file.

    messages/000000000001.jsonl    messages.erasing/000000000001.jsonl    without the texts
    messages/manifest.json                          manifest.json         with the new seals
                                                    000000000001.starts   where each line begins now
                                                    gone.jsonl            whose texts are gone

    1  the log goes on in a new segment: what is to be erased lies in finished ones
    2  `prepare`, in a process of its own: finished segments with such texts are written anew
    3  `decide`: the folder gets its manifest, and the name messages.erased
    4  `put_in_place`: the manifest and the segments, each by a rename, while no batch is written
    5  readers open the files anew, and the index follows, a few rows at a time

A crash before 3 leaves the old log. From 3 on, the next opening does 4 again; it makes the index
anew, for the manifest has another revision.
"""

import os
import sys
from array import array
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import TypeAlias

import msgspec

from chatapp.storage import format
from chatapp.storage.child import Tell, child
from chatapp.storage.disk import (
    Disk,
    make_folder,
    read_file,
    remove_folder,
    sync_folder,
    write_file,
)
from chatapp.storage.errors import StorageError
from chatapp.storage.manifest import (
    MANIFEST,
    Manifest,
    Sealed,
    save_manifest,
    segment_files,
    segment_path,
)
from chatapp.storage.wanted import Wanted

GONE = "gone.jsonl"
SEALS = "seals.json"
PROGRESS_LINES = 20_000

Starts: TypeAlias = "array[int]"
"""The offsets of a segment's lines, and behind them the size of the whole."""


class Gone(msgspec.Struct, frozen=True, array_like=True):
    """A record whose text is erased; `message` if it is the message itself, no edit of it."""

    n: int
    message: bool
    room: str
    seq: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the process that prepares is told: `when` is what stands in the place of a text, and
    `active` the first number of the segment that is being written.
    """

    wanted: Wanted
    when: str
    active: int


class Prepared(msgspec.Struct, frozen=True):
    """What was made: the segments' seals, their lines' places by first number, what is gone."""

    seals: list[Sealed]
    starts: dict[int, Starts]
    gone: list[Gone]


def prepare(
    disk: Disk,
    folder: Path,
    wanted: Wanted,
    *,
    when: str,
    active: int,
    told: Callable[[int, int], None] = lambda _lines, _erased: None,
) -> None:
    """Writes the segments before `active` anew where they have texts to erase. Changes nothing
    in `folder`. `told(lines, erased)` hears how far it is. Raises StorageError at damage.
    """
    making = erasing_folder(folder)
    remove_folder(disk, making)
    make_folder(disk, making)
    seals: list[Sealed] = []
    gone: list[Gone] = []
    lines = 0
    for first in segment_files(disk, folder):
        if first >= active:
            break
        path = segment_path(folder, first)
        new: list[bytes] = []
        found = len(gone)
        for line in _lines_of(read_file(disk, path), path):
            record_gone, kept = _without_text(line, wanted, when)
            if record_gone is not None:
                gone.append(record_gone)
            new.append(kept)
            lines += 1
            if lines % PROGRESS_LINES == 0:
                told(lines, len(gone))
        if len(gone) > found:
            seals.append(_write_segment(disk, making, first, new))
    encode = msgspec.json.Encoder()
    write_file(disk, making / GONE, encode.encode_lines(gone))
    write_file(disk, making / SEALS, encode.encode(seals))
    told(lines, len(gone))


def prepared(disk: Disk, folder: Path) -> Prepared:
    """What `prepare` made."""
    making = erasing_folder(folder)
    seals = msgspec.json.decode(read_file(disk, making / SEALS), type=list[Sealed])
    gone = msgspec.json.Decoder(Gone).decode_lines(read_file(disk, making / GONE))
    starts = {}
    for sealed in seals:
        starts[sealed.first] = array("Q")
        starts[sealed.first].frombytes(read_file(disk, _starts_path(making, sealed.first)))
    return Prepared(seals=seals, starts=starts, gone=gone)


def inodes(disk: Disk, folder: Path, made: Prepared) -> dict[int, Starts]:
    """The places of the lines, by what identifies the new files also under their later names."""
    found = {}
    for first, starts in made.starts.items():
        fd = disk.open(segment_path(erasing_folder(folder), first), os.O_RDONLY)
        try:
            found[disk.inode(fd)] = starts
        finally:
            disk.close(fd)
    return found


def decide(disk: Disk, folder: Path, made: Prepared, manifest: Manifest) -> Manifest:
    """From here on it is going to happen, whatever breaks. Gives the manifest that counts then."""
    new = {sealed.first: sealed for sealed in made.seals}
    kept = [new.get(sealed.first, sealed) for sealed in manifest.segments]
    decided = manifest.revised(epoch=Manifest.new().epoch, segments=kept)
    making = erasing_folder(folder)
    save_manifest(disk, making, decided)
    sync_folder(disk, making)
    disk.rename(making, _erased_folder(folder))
    sync_folder(disk, folder.parent)
    return decided


def put_in_place(disk: Disk, folder: Path) -> None:
    """Brings what was decided into the folder, as far as it is not there already."""
    ready = _erased_folder(folder)
    if not disk.exists(ready):
        return
    names = disk.names(ready)
    for name in [MANIFEST, *(name for name in names if name.endswith(".jsonl") and name != GONE)]:
        if name in names:
            disk.rename(ready / name, folder / name)
    sync_folder(disk, folder)
    remove_folder(disk, ready)


def finish_erasing(disk: Disk, folder: Path) -> None:
    """After a crash: what was decided is done, what was only begun is dropped."""
    put_in_place(disk, folder)
    remove_folder(disk, erasing_folder(folder))


def erasing_folder(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.erasing")


def _erased_folder(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.erased")


def _starts_path(making: Path, first: int) -> Path:
    return making / f"{first:012}.starts"


def _lines_of(data: bytes, path: Path) -> Iterator[bytes]:
    start = number = 0
    while start < len(data):
        number += 1
        end = data.find(b"\n", start) + 1 or len(data)
        line = data[start:end]
        try:
            format.check_crc(line)
        except format.Damage as damage:
            raise StorageError(
                f"{path.parent.name}/{path.name} line {number} is damaged: {damage}. "
                "Run `chatapp log repair` first."
            ) from None
        yield line
        start = end


def _without_text(line: bytes, wanted: Wanted, when: str) -> tuple[Gone | None, bytes]:
    if not wanted.may_be_in(line):
        return None, line
    record = format.decode_record(line)
    if record.text is None or not wanted.fits(record):
        return None, line
    gone = Gone(record.n, record.type == "message", record.room, record.target or record.seq)
    return gone, format.erase(line, when)


def _write_segment(disk: Disk, making: Path, first: int, lines: list[bytes]) -> Sealed:
    """The new file of a segment, and beside it where its lines begin."""
    path, data = segment_path(making, first), b"".join(lines)
    begins = array("Q", accumulate(map(len, lines), initial=0))
    write_file(disk, path, data)
    write_file(disk, _starts_path(making, first), begins.tobytes())
    return Sealed(
        file=path.name,
        first=first,
        last=first + len(lines) - 1,
        bytes=len(data),
        sha256=sha256(data).hexdigest(),
    )


def _work(asked: Asked, tell: Tell) -> None:
    prepare(
        Disk(),
        Path(sys.argv[1]),
        asked.wanted,
        when=asked.when,
        active=asked.active,
        told=lambda lines, erased: tell(lines=lines, erased=erased),
    )


if __name__ == "__main__":
    child(Asked, _work)
