"""A journal's manifest: its epoch, the beginning of its chain, and its sealed segments.

`manifest.json` is small, and always replaced as a whole. It does not contain the active segment:
sealed segments no longer change, and `sha256sum` can check them.

    messages/
      manifest.json          {"format":3,"epoch":"…","anchor":{…},"segments":[{…}, …]}
      000000000001.jsonl     sealed
      000000262145.jsonl     written to; named, like all, by the number of its first record
"""

import hashlib
import re
import secrets
from pathlib import Path
from typing import Any

import msgspec

from chatapp.log.disk import Disk, opened, read_chunks, read_file, replace_file, size_of
from chatapp.log.errors import OtherVersion, StorageError
from chatapp.log.format import VERSION, ChainHead

MANIFEST = "manifest.json"
_SEGMENT = re.compile(r"(\d{12,16})\.jsonl")


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A finished segment."""

    file: str
    first: int
    last: int
    bytes: int
    sha256: str


class DecidedErasure(msgspec.Struct, frozen=True, kw_only=True):
    """What all copies of a shared journal erase: the `wanted` texts in the lines up to `n`; `at`
    replaces each. `number` counts the erasures of the journal, from 1."""

    number: int
    n: int
    at: str
    wanted: dict[str, Any]


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """Where all copies of a shared journal begin: behind what had been removed before. A new copy
    need not repeat the `erasures`. `epoch` is that before any of them."""

    epoch: str
    anchor: ChainHead = ChainHead()
    heads: dict[str, int] = {}
    erasures: list[DecidedErasure] = []


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`epoch` changes when records were lost or texts erased: clients then reload everything.

    `revision` changes with every rewriting, and invalidates the index. `anchor` is the line before
    the first one, and `heads` has the last seq of every room up to there; after `retain`, that is
    not the beginning.
    """

    format: int = VERSION
    epoch: str
    revision: str = ""
    anchor: ChainHead = ChainHead()
    heads: dict[str, int] = {}
    segments: list[Sealed] = []
    erasures: list[DecidedErasure] = []
    """Of a shared journal, those that this copy has."""

    @classmethod
    def new(cls, beginning: Beginning | None = None) -> "Manifest":
        begins = beginning or Beginning(epoch=secrets.token_hex(8))
        fields = msgspec.structs.asdict(begins)
        fields["epoch"] = shared_epoch(begins.epoch, begins.erasures)
        return cls(revision=secrets.token_hex(8), **fields)

    @property
    def index_key(self) -> str:
        """Identifies the log that an index belongs to."""
        return f"{self.epoch}.{self.revision}"

    def revised(self, **changes: Any) -> "Manifest":
        """The manifest of the same log after a rewriting."""
        return msgspec.structs.replace(self, revision=secrets.token_hex(8), **changes)

    def with_sealed(self, sealed: Sealed) -> "Manifest":
        return msgspec.structs.replace(self, segments=[*self.segments, sealed])


def shared_epoch(epoch: str, erasures: list[DecidedErasure]) -> str:
    """The epoch of a copy that has these erasures: the same in all copies."""
    return f"{epoch}-{len(erasures)}" if erasures else epoch


decode_beginning = msgspec.json.Decoder(Beginning).decode
_decode_manifest = msgspec.json.Decoder(Manifest).decode


def load_manifest(disk: Disk, folder: Path) -> Manifest | None:
    """None if the folder has no journal yet."""
    manifest = load_any_manifest(disk, folder)
    if manifest is not None and manifest.format < VERSION:
        raise OtherVersion(
            f"{folder.name}/ has format {manifest.format} and this program writes {VERSION}; "
            "run `chatapp log migrate`."
        )
    return manifest


def load_any_manifest(disk: Disk, folder: Path) -> Manifest | None:
    """As `load_manifest`, for older versions as well."""
    path = folder / MANIFEST
    if not disk.exists(path):
        if any(size_of(disk, segment_path(folder, first)) for first in segment_files(disk, folder)):
            raise StorageError(
                f"{folder.name}/{MANIFEST} is missing; `chatapp log repair` rebuilds it."
            )
        return None
    try:
        manifest = _decode_manifest(read_file(disk, path))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StorageError(
            f"{folder.name}/{MANIFEST} is damaged ({error}); `chatapp log repair` rebuilds it."
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
    """The first numbers of the segments in a folder, ascending."""
    found = (_SEGMENT.fullmatch(name) for name in disk.names(folder))
    return sorted(int(match[1]) for match in found if match)


def missing_segments(manifest: Manifest, firsts: list[int]) -> list[int]:
    """Segments that are missing: sealed ones, and the next one, which is created before its
    predecessor is sealed. In a new log, that is the first."""
    sealed = manifest.segments
    active = sealed[-1].last + 1 if sealed else manifest.anchor.n + 1
    return [first for first in (*(each.first for each in sealed), active) if first not in firsts]


def check_segments(folder: Path, manifest: Manifest, firsts: list[int]) -> None:
    """Raises StorageError if one is missing: without durable data, the server must not continue."""
    lasts = {sealed.first: sealed.last for sealed in manifest.segments}
    for first in missing_segments(manifest, firsts):
        span = f"{first} to {lasts[first]}" if first in lasts else f"from {first} on"
        raise StorageError(
            f"{folder.name}/ has no records {span}: {segment_path(folder, first).name} is missing. "
            "Put it back, or run `chatapp log repair`."
        )


def seal(disk: Disk, path: Path, first: int, last: int) -> Sealed:
    """The manifest's entry for a finished segment, from the bytes on disk."""
    digest, size = hashlib.sha256(), 0
    with opened(disk, path) as fd:
        for chunk in read_chunks(disk, fd):
            digest.update(chunk)
            size += len(chunk)
    return Sealed(file=path.name, first=first, last=last, bytes=size, sha256=digest.hexdigest())
