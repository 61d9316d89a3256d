"""Makes the picture of an emoji, and keeps its bytes. Called on real threads: it waits for disks,
networks, and for the process that decodes pictures."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec

from chatapp.blobs.names import BlobsUnavailable
from chatapp.domain.errors import TooLarge, Unavailable, Unsupported
from chatapp.domain.limits import MAX_EMOJI_BYTES
from chatapp.features.files.model import PREVIEW
from chatapp.features.files.pictures import Pictures
from chatapp.features.files.receiving import in_words
from chatapp.features.files.types import PICTURES, type_of
from chatapp.ports import Blobs


class EmojiPicture(msgspec.Struct, frozen=True):
    """A picture that is kept, as a WebP."""

    sha256: str
    bytes: int
    width: int
    height: int
    animated: bool


class EmojiPictures:
    """`folder` is where pictures are made; `new_id()` names one there."""

    def __init__(
        self, blobs: Blobs, pictures: Pictures, folder: Path, new_id: Callable[[], str]
    ) -> None:
        self._blobs = blobs
        self._pictures = pictures
        self._folder = folder
        self._new_id = new_id

    def keep(self, data: bytes, claim: Callable[[str], None]) -> EmojiPicture:
        """Make a small picture of this one, with its frames, and keep its bytes. `claim(sha256)` is
        called before. Raises `TooLarge`, `Unsupported`, `NoSpace` and `Unavailable`."""
        check_size(len(data))
        path = self._folder / self._new_id()
        try:
            with in_words():
                path.write_bytes(data)
                type = type_of(path)
            if type not in PICTURES:
                raise Unsupported("An emoji is a PNG, JPEG, GIF or WebP.")
            return self._made(path, type, claim)
        finally:
            path.unlink(missing_ok=True)

    def _made(self, path: Path, type: str, claim: Callable[[str], None]) -> EmojiPicture:
        seen, picture, still = self._pictures.look(path, type, is_emoji=True)
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
        return EmojiPicture(digest, len(made), *size, animated=seen.is_animated)


def check_size(size: int) -> None:
    if size > MAX_EMOJI_BYTES:
        raise TooLarge(f"The picture of an emoji has at most {MAX_EMOJI_BYTES // 1024} KB.")
