"""What the chat keeps of a file beside its bytes: a row of the table `files`, by the file's id.

    partial      some bytes have come, in parts              goes after a day
    ready        all bytes are kept, and its type is known   goes after a day
    attached     a message has it                            goes with the message

The message in the log is the truth about an attached file. Its row only says where that message is,
and counts its bytes: name and description are in the log alone, where they can be erased.
"""

import hashlib

import msgspec

from chatapp.domain.model import FileInfo

TABLE = "files"
ID_BYTES = 16
"""22 characters in base64: nobody guesses one."""
PREVIEW, FULL = ".preview", ".full"
"""The endings of the blobs of a smaller picture, and of one that fits a screen."""
SMALLER = (960, 800)
"""Most pixels of a smaller picture, width and height."""


class StoredFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`by` is the id of the person who uploaded it. `bytes` is its length, also of a partial one,
    of which `offset` bytes are there, in `parts` by their marks. `room` and `seq` say which message
    has it.
    """

    by: str
    bytes: int
    created_at: str
    name: str = ""
    type: str = ""
    sha256: str = ""
    width: int | None = None
    height: int | None = None
    offset: int = 0
    parts: list[str] = []
    room: str = ""
    seq: int = 0

    @property
    def is_partial(self) -> bool:
        return not self.sha256

    @property
    def is_attached(self) -> bool:
        return self.seq > 0


def as_info(id: str, file: StoredFile, alt: str = "") -> FileInfo:
    return FileInfo(
        id=id,
        name=file.name,
        type=file.type,
        bytes=file.bytes,
        sha256=file.sha256,
        width=file.width,
        height=file.height,
        alt=alt or None,
    )


def part_name(id: str, mark: str) -> str:
    """The blob of a part of an upload that is not complete: a name that no content has."""
    return f"{parts_name(id)}.part{mark}"


def part_mark(secret: str) -> str:
    """Twelve letters, of which no two parts have the same: two processes may add to an upload at
    once, and what the slower one brought must not stand for what the faster one did."""
    digest = hashlib.sha256(secret.encode()).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:12])


def parts_name(id: str) -> str:
    """With this one, all parts of an upload go."""
    return hashlib.sha256(f"upload {id}".encode()).hexdigest()
