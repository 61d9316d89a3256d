"""Makes a file of what was received: its type, its pictures, its bytes in the store.

Everything here runs on real threads: it waits for disks, for networks, and for the process that
looks at pictures. In this order, so that a crash leaves nothing that somebody could see:

    the type ─► the position is removed ─► hashed again ─► pictures ─► blobs: pictures, then bytes
                                                                          └─► the row (manager.py)
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import msgspec

from chatapp.features.files.model import FULL, PREVIEW, SMALLER, StoredFile
from chatapp.features.files.pictures import Pictures, SeenPicture
from chatapp.features.files.positions import remove_position
from chatapp.features.files.receiving import ReceivedFile, in_words
from chatapp.features.files.types import PDF, UNKNOWN, type_of
from chatapp.ports import Blobs
from chatapp.tables.table import Table

LOCKS = 16


class KeptFile(msgspec.Struct, frozen=True):
    type: str
    sha256: str
    bytes: int
    width: int | None = None
    height: int | None = None


class SharedBytes:
    """Files with the same content share their bytes, which go with the last one.

    Bytes that are `claimed` are about to get a row: nobody removes them meanwhile. Another process
    may put the same bytes in the moment in which this one removes them; it would have to do so
    between two instructions, a day after the other upload.

    `is_held(sha256)`: whether an emoji or a photo has these bytes, too.
    """

    def __init__(
        self,
        table: Table[StoredFile],
        blobs: Blobs,
        is_held: Callable[[str], bool] = lambda _sha256: False,
    ) -> None:
        self._blobs = blobs
        self._is_held = is_held
        self._files: Counter[str] = Counter(file.sha256 for _, file in table.items())
        self._claims: Counter[str] = Counter()
        self._locks = [Lock() for _ in range(LOCKS)]
        table.on_change(self._count)

    def claim(self, sha256: str) -> None:
        """Waits while these bytes are being removed."""
        with self._lock_of(sha256):
            self._claims[sha256] += 1

    def unclaim(self, sha256: str) -> None:
        with self._lock_of(sha256):
            self._claims -= Counter({sha256: 1})

    def remove_unused(self, sha256: str, going: int = 0) -> None:
        """Remove these bytes and what was made from them, unless a file has them, an emoji, or a
        photo. So many files that have them are about to go, too."""
        with self._lock_of(sha256):
            if self._is_held(sha256):
                return
            if self._files[sha256] <= going and not self._claims[sha256]:
                self._blobs.delete(sha256)

    def _lock_of(self, sha256: str) -> Lock:
        return self._locks[int(sha256[0], 16) % LOCKS]

    def _count(self, _id: str, old: StoredFile | None, new: StoredFile | None) -> None:
        for file, change in ((old, -1), (new, 1)):
            if file:
                self._files[file.sha256] += change


def keep(
    received: ReceivedFile, blobs: Blobs, pictures: Pictures, claim: Callable[[str], None]
) -> KeptFile:
    """Move what was received into the store. `claim(sha256)` is called before. Raises `NoSpace` and
    `BlobsUnavailable`."""
    received.close()
    with in_words():
        type = type_of(received.path)
        if remove_position(received.path, type):
            received.rehash()
    claim(received.sha256)
    width = height = None
    if pictures.are(type):
        seen = put_pictures(received.path, type, received.sha256, blobs, pictures)
        if seen.error and type != PDF:
            type = UNKNOWN
        else:
            width, height = seen.width, seen.height
    blobs.put(received.sha256, received.path)
    return KeptFile(type, received.sha256, received.size, width, height)


def keep_smaller(received: ReceivedFile, blobs: Blobs, pictures: Pictures) -> KeptFile | None:
    """Keep only what was made from a picture, which is smaller and has no more than can be seen;
    None if it is no picture."""
    received.close()
    with in_words():
        type = type_of(received.path)
    if not pictures.are(type) or type == PDF:
        return None
    seen, smaller, fitting = pictures.look(received.path, type)
    try:
        if seen.error or not seen.has_smaller:
            return None
        with in_words():
            data = smaller.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        blobs.put(sha256, smaller)
        return KeptFile("image/webp", sha256, len(data), *_smaller_size(seen))
    finally:
        smaller.unlink(missing_ok=True)
        fitting.unlink(missing_ok=True)


def _smaller_size(seen: SeenPicture) -> tuple[int, int]:
    width, height = seen.width or 1, seen.height or 1
    scale = min(1.0, SMALLER[0] / width, SMALLER[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def put_pictures(
    path: Path, type: str, sha256: str, blobs: Blobs, pictures: Pictures
) -> SeenPicture:
    """Look at a picture, and put what is made from it into the store."""
    seen, smaller, fitting = pictures.look(path, type)
    try:
        if not seen.error:
            _put_made(blobs, sha256, seen.has_smaller, smaller, PREVIEW)
            _put_made(blobs, sha256, seen.has_fitting, fitting, FULL)
    finally:
        smaller.unlink(missing_ok=True)
        fitting.unlink(missing_ok=True)
    return seen


def _put_made(blobs: Blobs, sha256: str, is_made: bool, file: Path, ending: str) -> None:
    if is_made:
        blobs.put(sha256 + ending, file)
