"""Makes the pictures of emoji and of people, and keeps their bytes. Called on real threads: it
waits for disks, networks, and for the process that decodes pictures.

Rows of the directory have them, not messages: `Held` says which bytes some row has.
"""

import base64
import binascii
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec

from chatapp.blobs.names import BlobsUnavailable
from chatapp.config import format_size
from chatapp.domain.errors import BadPayload, TooLarge, Unavailable, Unsupported
from chatapp.domain.limits import MAX_EMOJI_BYTES, MAX_PHOTO_BYTES
from chatapp.features.files.model import PREVIEW
from chatapp.features.files.pictures import Pictures, SmallUse
from chatapp.features.files.receiving import in_words
from chatapp.features.files.types import PICTURES, type_of
from chatapp.ports import Blobs

Claim = Callable[[str], None]
MAX_BYTES: dict[SmallUse, int] = {"emoji": MAX_EMOJI_BYTES, "photo": MAX_PHOTO_BYTES}
"""Of the picture that is given."""
CALLED: dict[SmallUse, str] = {"emoji": "The picture of an emoji", "photo": "A photo"}


class SmallPicture(msgspec.Struct, frozen=True):
    """A picture that is kept, as a WebP."""

    sha256: str
    bytes: int
    width: int
    height: int
    animated: bool


MakePicture = Callable[[Claim], SmallPicture]
"""Makes and keeps a picture; calls the function with its digest before, and may wait."""
KeepPicture = Callable[[bytes, Claim], SmallPicture]
"""Makes and keeps the small picture of the bytes of a picture."""


class ClaimedBytes(Protocol):
    """What a row's picture needs of the bytes that files share. Bytes that are claimed stay;
    `release` removes those that nobody has."""

    def claim(self, sha256: str) -> None: ...
    def unclaim(self, sha256: str) -> None: ...
    def release(self, sha256: str) -> None: ...


class Claims:
    """The bytes of a picture that is about to get a row. Call `settle` when it has one, or will
    have none; `has_bytes(sha256)`: whether any row has them."""

    def __init__(self, bytes: ClaimedBytes, has_bytes: Callable[[str], bool]) -> None:
        self._bytes = bytes
        self._has_bytes = has_bytes
        self._claimed: list[str] = []

    def claim(self, sha256: str) -> None:
        self._bytes.claim(sha256)
        self._claimed.append(sha256)

    def settle(self, _: object = None) -> None:
        for digest in self._claimed:
            self._bytes.unclaim(digest)
            if not self._has_bytes(digest):
                self._bytes.release(digest)


class SmallPictures:
    """`folder` is where pictures are made; `new_id()` names one there."""

    def __init__(
        self, blobs: Blobs, pictures: Pictures, folder: Path, new_id: Callable[[], str]
    ) -> None:
        self._blobs = blobs
        self._pictures = pictures
        self._folder = folder
        self._new_id = new_id

    def keep(self, use: SmallUse, data: bytes, claim: Claim) -> SmallPicture:
        """Make a small picture of this one, and keep its bytes. `claim(sha256)` is called before.
        Raises `TooLarge`, `Unsupported`, `NoSpace` and `Unavailable`."""
        check_size(use, len(data))
        path = self._folder / self._new_id()
        try:
            with in_words():
                path.write_bytes(data)
                type = type_of(path)
            if type not in PICTURES:
                raise Unsupported(f"{CALLED[use]} is a PNG, JPEG, GIF or WebP.")
            return self._made(use, path, type, claim)
        finally:
            path.unlink(missing_ok=True)

    def _made(self, use: SmallUse, path: Path, type: str, claim: Claim) -> SmallPicture:
        seen, picture, still = self._pictures.look(path, type, use)
        try:
            if seen.error:
                raise Unsupported(seen.reason or "This picture cannot be read.")
            with in_words():
                made = picture.read_bytes()
            digest = sha256(made).hexdigest()
            claim(digest)
            if seen.is_animated:
                self._blobs.put(digest + PREVIEW, still)
            self._blobs.put(digest, picture)
        except BlobsUnavailable as error:
            raise Unavailable("Files cannot be reached now. Try again in a moment.") from error
        finally:
            picture.unlink(missing_ok=True)
            still.unlink(missing_ok=True)
        size = seen.width or 1, seen.height or 1
        return SmallPicture(digest, len(made), *size, animated=seen.is_animated)


def decoded(picture: str) -> bytes:
    """A picture that the command line sends in base64; raises `BadPayload`."""
    try:
        return base64.b64decode(picture, validate=True)
    except binascii.Error:
        raise BadPayload("The picture is not in base64.") from None


def check_size(use: SmallUse, size: int) -> None:
    if size > MAX_BYTES[use]:
        raise TooLarge(f"{CALLED[use]} has at most {format_size(MAX_BYTES[use])}.")
