"""What a journal's folder holds: its epoch, where its chain begins, and the sealed segments.

`manifest.json` is small, and replaced whole. The segment that is being written is not in it:
what is sealed no longer changes, and its SHA-256 says so to `sha256sum`.

    messages/
      manifest.json          {"format":2,"epoch":"…","anchor":{…},"segments":[{…}, …]}
      000000000001.jsonl     sealed
      000000262145.jsonl     written to; named, like all, by the number of its first record
"""

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any

import msgspec

from chatapp.storage.disk import Disk, read_chunks, read_file, replace_file
from chatapp.storage.errors import OtherVersion, StorageError
from chatapp.storage.format import VERSION, Tip

MANIFEST = "manifest.json"
_SEGMENT = re.compile(r"(\d{12,16})\.jsonl")


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A finished segment."""

    file: str
    first: int
    last: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`epoch` changes when records were lost or texts erased: whoever has them reads all anew.

    `revision` changes with every rewriting, and an index of another one is of no use.
    `anchor` is the line before the first one that is kept, and `heads` the last seq of every
    room up to there: after `retain`, not the beginning.
    """

    format: int = VERSION
    epoch: str
    revision: str = ""
    anchor: Tip = Tip()
    heads: dict[str, int] = {}
    segments: list[Sealed] = []

    @classmethod
    def new(cls) -> "Manifest":
        return cls(epoch=secrets.token_hex(8), revision=secrets.token_hex(8))

    @property
    def index_key(self) -> str:
        """Which log an index is of."""
        return f"{self.epoch}.{self.revision}"

    def revised(self, **changes: Any) -> "Manifest":
        """The manifest of the same log, rewritten."""
        return msgspec.structs.replace(self, revision=secrets.token_hex(8), **changes)

    def with_sealed(self, sealed: Sealed) -> "Manifest":
        return msgspec.structs.replace(self, segments=[*self.segments, sealed])


def load_manifest(disk: Disk, folder: Path) -> Manifest | None:
    """None where the folder has no journal yet."""
    manifest = load_any_manifest(disk, folder)
    if manifest is not None and manifest.format < VERSION:
        raise OtherVersion(
            f"{folder.name}/ has format {manifest.format} and this program writes {VERSION}; "
            "run `chatapp log migrate`."
        )
    return manifest


def load_any_manifest(disk: Disk, folder: Path) -> Manifest | None:
    """Also one of an older version."""
    path = folder / MANIFEST
    if not disk.exists(path):
        if any(_size(disk, segment_path(folder, first)) for first in segment_files(disk, folder)):
            raise StorageError(
                f"{folder.name}/{MANIFEST} is missing; `chatapp log repair` makes it anew."
            )
        return None
    try:
        manifest = msgspec.json.decode(read_file(disk, path), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(
            f"{folder.name}/{MANIFEST} is damaged ({error}); `chatapp log repair` makes it anew."
        ) from None
    if min(manifest.anchor.n, manifest.anchor.batch) < 0:
        raise StorageError(
            f"{folder.name}/{MANIFEST} is damaged (its anchor cannot be); `chatapp log repair` "
            "makes it anew."
        )
    if manifest.format > VERSION:
        raise OtherVersion(
            f"{folder.name}/ has format {manifest.format}, which is newer than this program; "
            "update chatapp."
        )
    return manifest


def save_manifest(disk: Disk, folder: Path, manifest: Manifest) -> None:
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    replace_file(disk, folder / MANIFEST, text + b"\n")


def segment_path(folder: Path, first: int) -> Path:
    return folder / f"{first:012}.jsonl"


def segment_files(disk: Disk, folder: Path) -> list[int]:
    """The numbers that the segments of a folder are named by, in order."""
    found = (_SEGMENT.fullmatch(name) for name in disk.names(folder))
    return sorted(int(match[1]) for match in found if match)


def missing_segments(manifest: Manifest, firsts: list[int]) -> list[int]:
    """Of what must be there: each sealed segment, and the one that follows, for it was begun before
    the last one was sealed. In a new log, that is the first.
    """
    sealed = manifest.segments
    active = sealed[-1].last + 1 if sealed else manifest.anchor.n + 1
    return [first for first in (*(each.first for each in sealed), active) if first not in firsts]


def check_segments(folder: Path, manifest: Manifest, firsts: list[int]) -> None:
    """Raises StorageError where one is missing: nobody goes on without what was durable."""
    lasts = {sealed.first: sealed.last for sealed in manifest.segments}
    for first in missing_segments(manifest, firsts):
        span = f"{first} to {lasts[first]}" if first in lasts else f"from {first} on"
        raise StorageError(
            f"{folder.name}/ has no records {span}: {segment_path(folder, first).name} is missing. "
            "Put it back, or run `chatapp log repair`."
        )


def seal(disk: Disk, path: Path, first: int, last: int) -> Sealed:
    """A finished segment's line in the manifest, from the bytes on disk."""
    digest, size = hashlib.sha256(), 0
    fd = disk.open(path, os.O_RDONLY)
    try:
        for chunk in read_chunks(disk, fd):
            digest.update(chunk)
            size += len(chunk)
    finally:
        disk.close(fd)
    return Sealed(file=path.name, first=first, last=last, bytes=size, sha256=digest.hexdigest())


def _size(disk: Disk, path: Path) -> int:
    fd = disk.open(path, os.O_RDONLY)
    try:
        return disk.size(fd)
    finally:
        disk.close(fd)
