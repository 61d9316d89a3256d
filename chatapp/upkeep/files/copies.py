"""Copies the bytes of files from one place to another, and proves each of them."""

import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec

from chatapp.blobs.folder import FolderBlobs
from chatapp.blobs.names import BlobMissing, original_of
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.ports import Blobs
from chatapp.upkeep.files.check import digest_of


class CopiedFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The number of names and bytes that are there now; `linked` are those that take no room,
    because another folder on the disk has them. `wrong` are digests whose bytes are others."""

    files: int = 0
    bytes: int = 0
    linked: int = 0
    missing: list[str] = []
    wrong: list[str] = []


def copy_files(
    source: Blobs,
    target: Blobs,
    names: Iterable[tuple[str, int]],
    *,
    scratch: Path,
    earlier: FolderBlobs | None = None,
    progress: Progress = unwatched,
) -> CopiedFiles:
    """Copy these names with their numbers of bytes; what is there already stays.

    Folders on one disk share the bytes, which never change. Each file is read, and must be what its
    name says. `earlier` is a folder that may have
    them too, such as that of the last backup. Files are written to the folder `scratch` first.
    """
    files = size = linked = 0
    missing: list[str] = []
    wrong: list[str] = []
    for name, bytes in names:
        if target.size(name) == bytes:
            pass
        elif _is_linked(name, bytes, source, target) or _is_linked(name, bytes, earlier, target):
            linked += 1
        else:
            try:
                if not _copy(source, target, name, scratch):
                    wrong.append(name)
                    continue
            except BlobMissing:
                missing.append(name)
                continue
        files, size = files + 1, size + bytes
        progress(bytes)
    return CopiedFiles(files=files, bytes=size, linked=linked, missing=missing, wrong=wrong)


def move_files(source: Blobs, target: Blobs, *, scratch: Path) -> CopiedFiles:
    """Copy everything, and read it back. Raises StorageError if the copy differs."""
    names = list(source.names())
    copied = copy_files(source, target, names, scratch=scratch)
    not_there = {*copied.missing, *copied.wrong}
    for name, size in names:
        if name in not_there:
            continue
        is_right = target.size(name) == size
        if is_right and name == original_of(name):
            is_right = digest_of(target.read(name)) == name
        if not is_right:
            raise StorageError(f"The copy of files/{name} differs. Move again.")
    return copied


def _is_linked(name: str, size: int, source: Blobs | None, target: Blobs) -> bool:
    if not isinstance(source, FolderBlobs) or not isinstance(target, FolderBlobs):
        return False
    if source.size(name) != size:
        return False
    is_right = name != original_of(name) or digest_of(source.read(name)) == name
    return is_right and source.link(name, target)


def _copy(source: Blobs, target: Blobs, name: str, scratch: Path) -> bool:
    """Returns False if these are other bytes. Only the name of an original says what they are."""
    digest = sha256()
    with tempfile.TemporaryDirectory(dir=scratch, prefix="copying-") as folder:
        path = Path(folder) / name
        with path.open("wb") as file:
            for part in source.read(name):
                digest.update(part)
                file.write(part)
        if name == original_of(name) and digest.hexdigest() != name:
            return False
        target.put(name, path)
    return True
