"""Signs checkpoints of the log, finds what does not agree with them, and proves messages with them.

`python -m chatapp.upkeep.checkpoints MESSAGES` signs for a running server.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import inf
from pathlib import Path
from typing import NamedTuple

import msgspec

from chatapp.domain.errors import NotFound
from chatapp.domain.limits import checked_room_name
from chatapp.domain.transparency.checkpoints import SignedCheckpoint
from chatapp.domain.transparency.event_leaf import decode_leaf, leaf_of_record
from chatapp.domain.transparency.event_proofs import Unproven
from chatapp.domain.transparency.merkle import leaf_of, levels_of, path_of, root_of
from chatapp.domain.transparency.signatures import check_signature, public_of
from chatapp.index.workers.worker_main import Tell, child
from chatapp.log import format
from chatapp.log.batches import manifest_of, whole_batches
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.format import ChainHead
from chatapp.log.manifest import Manifest, segment_files, segment_path
from chatapp.log.progress import Progress, unwatched
from chatapp.log.proof import VERSION, Proof, check_proof, signed
from chatapp.log.recovery import read_blocks
from chatapp.log.signed_checkpoint import (
    CHECKPOINT_KEYS,
    CHECKPOINTS,
    TILE_HEIGHT,
    CheckpointKey,
    CheckpointTree,
    SignedTree,
    Signing,
)
from chatapp.tables.stored_rows import stored_rows

MAX_RECORDS = 1 << 16
"""A checkpoint is about at most so many records, so a proof is made in moments."""


class StoredCheckpoints(msgspec.Struct, frozen=True):
    """The checkpoints of a data folder in the order of their records, and its public keys by id."""

    all: list[SignedCheckpoint]
    keys: dict[str, str]


def stored_checkpoints(directory: Path) -> StoredCheckpoints:
    """A server may be using the directory. Raises StorageError."""
    rows = stored_rows(directory, CHECKPOINTS, SignedCheckpoint)
    keys = stored_rows(directory, CHECKPOINT_KEYS, CheckpointKey)
    return StoredCheckpoints(
        sorted(rows.values(), key=lambda each: (each.last, each.first)),
        {id: key.public for id, key in keys.items()},
    )


# Signing


def sign_checkpoints(
    folder: Path, asked: Signing, *, most_records: int = MAX_RECORDS
) -> list[SignedTree]:
    """New checkpoints, oldest first; none if every record has one.

    Raises StorageError if the log differs from an earlier one: nothing is signed that hides this.
    """
    manifest = manifest_of(Disk(), folder)
    made: list[SignedTree] = []
    for after, until in _gaps(manifest, asked.earlier):
        lines = _without_differences(_lines(folder, manifest, after, until), asked.earlier)
        before = next(lines, None)
        if before is None:
            raise _differs(asked.earlier[-1], "ends before")
        previous = before.hash
        while some := list(islice(lines, most_records)):
            made.append(_signed(asked, previous, some))
            previous = some[-1].hash
    return made


def _gaps(manifest: Manifest, earlier: Sequence[SignedCheckpoint]) -> list[tuple[int, float]]:
    """The records without a checkpoint of which all records are there: those behind the first
    number, up to the second. `retain` leaves some at the beginning."""
    begin = manifest.anchor.n
    whole = [each for each in earlier if each.first > begin]
    if not whole:
        return [(begin, inf)]
    cut = [(begin, whole[0].first - 1)] if whole[0].first - 1 > begin else []
    return [*cut, (whole[-1].last, inf)]


class HashedLine(NamedTuple):
    """A line of the log, its number and its hash; of the anchor, there is no line."""

    n: int
    hash: bytes
    line: bytes


def _lines(folder: Path, manifest: Manifest, after: int, until: float) -> Iterator[HashedLine]:
    """The line of the record `after`, and those behind it."""
    if after == manifest.anchor.n:
        yield HashedLine(after, manifest.anchor.hash.encode(), b"")
    for batch in whole_batches(Disk(), folder, manifest, since=after):
        for line in batch:
            if line.n > until:
                return
            if line.n > manifest.anchor.n and line.n >= after:
                yield HashedLine(line.n, format.line_hash(line.bytes), line.bytes)


def _without_differences(
    lines: Iterable[HashedLine], earlier: Sequence[SignedCheckpoint]
) -> Iterator[HashedLine]:
    known = {each.last: each for each in earlier}
    for line in lines:
        n = line.n
        if n in known and known[n].hash != line.hash.decode():
            raise _differs(known[n], "differs from")
        yield line


def _differs(checkpoint: SignedCheckpoint, how: str) -> StorageError:
    return StorageError(
        f"messages/ {how} record {checkpoint.last:,} of the checkpoint of {checkpoint.at}. Nothing "
        "was signed; `chatapp log verify` says more."
    )


def _signed(asked: Signing, previous: bytes, lines: Sequence[HashedLine]) -> SignedTree:
    key = bytes.fromhex(asked.salt_key)
    levels = levels_of([leaf_of_record(decode_leaf(each.line), key) for each in lines])
    unsigned = SignedCheckpoint(
        at=asked.at,
        first=lines[0].n,
        last=lines[-1].n,
        previous=previous.decode(),
        hash=lines[-1].hash.decode(),
        root=root_of([leaf_of(each.hash) for each in lines]).hex(),
        events=levels[-1][0].hex(),
    )
    tiles = levels[min(TILE_HEIGHT, len(levels) - 1)]
    return SignedTree(
        checkpoint=signed(unsigned, asked.seed),
        tree=CheckpointTree(key=asked.salt_key, tiles=b"".join(tiles).hex()),
    )


# Checking


def cut_off(folder: Path, stored: StoredCheckpoints) -> list[SignedCheckpoint]:
    """The checkpoints that a repaired log cannot agree with any more."""
    ends = {each.last: "" for each in stored.all}
    manifest = manifest_of(Disk(), folder)
    for batch in whole_batches(Disk(), folder, manifest):
        ends.update(
            (line.n, format.line_hash(line.bytes).decode()) for line in batch if line.n in ends
        )
    return [
        each
        for each in stored.all
        if each.last > manifest.anchor.n and ends[each.last] != each.hash
    ]


def checkpoint_problems(
    stored: StoredCheckpoints, hashes: Mapping[int, str], tip: ChainHead
) -> list[str]:
    """Checkpoints that the log does not agree with. `hashes` are the log's, by number, for those
    records that a checkpoint ends with, `tip` is its last record.

    The chain proves all records before, so their tree need not be built.
    """
    problems = []
    for each in stored.all:
        name = f"the checkpoint of {each.at} (records {each.first:,} to {each.last:,})"
        try:
            check_signature(each, stored.keys.get(each.key, ""))
        except Unproven:
            problems.append(f"{name} has a wrong signature")
            continue
        if each.last > tip.n:
            problems.append(f"messages/ ends with record {tip.n:,}, before {name} does")
        elif hashes.get(each.last, each.hash) != each.hash:
            problems.append(f"messages/ was changed since {name}: it has another chain")
    return problems


# Proving


def prove(
    folder: Path,
    room: str,
    seq: int,
    stored: StoredCheckpoints,
    progress: Progress = unwatched,
) -> Proof:
    """That the event `seq` of this room is in the log, which a server may be writing to.

    Raises NotFound if it is not, and StorageError without a checkpoint that agrees with the log.
    """
    manifest = manifest_of(Disk(), folder)
    n = _number_of(folder, checked_room_name(room), seq, progress)
    for checkpoint in stored.all:
        if manifest.anchor.n < checkpoint.first <= n <= checkpoint.last:
            break
    else:
        raise StorageError(
            f"Record {n:,} is in no checkpoint yet: `chatapp log checkpoint` makes one."
        )
    proof = _proof(folder, manifest, n, checkpoint)
    try:
        check_proof(proof, stored.keys.get(checkpoint.key, ""))
    except Unproven as why:
        raise StorageError(
            f"messages/ differs from the checkpoint of {checkpoint.at} ({why}) `chatapp log "
            "verify` says more."
        ) from None
    return proof


def _number_of(folder: Path, room: str, seq: int, progress: Progress) -> int:
    """The number of a record. Lines are only searched: the proof is checked in the end."""
    mark = b'"room":%b,"seq":%d,"type":' % (msgspec.json.encode(room), seq)
    for first in segment_files(Disk(), folder):
        for _, lines in read_blocks(Disk(), segment_path(folder, first)):
            for line in lines:
                if mark in line and line.find(mark) == line.find(b'"room":'):
                    return format.place_of(line).n
            progress(sum(map(len, lines)))
    raise NotFound(f"The log has no message {seq} in {room!r}.")


def _proof(folder: Path, manifest: Manifest, n: int, checkpoint: SignedCheckpoint) -> Proof:
    """Unchecked: what the log has in the place of the checkpoint's records."""
    previous, proven = manifest.anchor.hash, b""
    leaves = []
    for batch in whole_batches(Disk(), folder, manifest, since=checkpoint.first - 1):
        for line in batch:
            hash = format.line_hash(line.bytes)
            if line.n == n - 1:
                previous = hash.decode()
            if line.n == n:
                proven = line.bytes
            if checkpoint.first <= line.n <= checkpoint.last:
                leaves.append(leaf_of(hash))
        if batch[-1].n >= checkpoint.last:
            break
    path = path_of(leaves, n - checkpoint.first)
    return Proof(
        proof=VERSION,
        line=proven.decode().removesuffix("\n"),
        previous=previous,
        path=[each.hex() for each in path],
        checkpoint=checkpoint,
    )


def _sign(asked: Signing, tell: Tell) -> None:
    tell(made=sign_checkpoints(Path(sys.argv[1]), asked), public=public_of(asked.seed))


if __name__ == "__main__":
    child(Signing, _sign)
