"""Checks the bytes of files against what the records of the log prove."""

from collections.abc import Iterable, Set
from hashlib import sha256

import msgspec

from chatapp.blobs.names import BlobMissing, BlobsUnavailable, original_of
from chatapp.log.progress import Progress, unwatched
from chatapp.ports import Blobs
from chatapp.upkeep.files.references import FileReferences


class CheckedFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Contents and their bytes that the log proves; `extra` are digests of others, which belong to
    uploads without a message, or are removed by the server within two days."""

    files: int
    bytes: int
    extra: list[str]
    problems: list[str]


def check_files(
    blobs: Blobs, known: FileReferences, progress: Progress = unwatched
) -> CheckedFiles:
    """Reads all bytes. `progress` is told of each byte."""
    problems = []
    for digest, size in known.kept.items():
        if problem := problem_of(blobs, digest, size):
            problems.append(f"files/{digest} {problem}")
        progress(size)
    there = {original_of(name) for name, _ in blobs.names()}
    problems += _not_gone(there & known.gone)
    return CheckedFiles(
        files=len(known.kept),
        bytes=sum(known.kept.values()),
        extra=sorted(there - known.kept.keys() - known.gone),
        problems=problems,
    )


def problem_of(blobs: Blobs, digest: str, size: int) -> str | None:
    """What is wrong with these bytes, if anything."""
    try:
        there = blobs.size(digest)
        if there is None:
            return "is missing"
        if there != size:
            return f"has {there:,} bytes, and should have {size:,}"
        if digest_of(blobs.read(digest)) != digest:
            return "was changed: its SHA-256 is another one"
    except BlobMissing:
        return "is missing"
    except BlobsUnavailable as error:
        return f"cannot be read: {error}"
    return None


def digest_of(parts: Iterable[bytes]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _not_gone(digests: Set[str]) -> list[str]:
    return [
        f"files/{digest} is still there, though its message is erased; the next start of the "
        "server removes it"
        for digest in sorted(digests)
    ]
