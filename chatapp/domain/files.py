"""Files of messages: their kinds, and what is left of one that an admin has removed."""

from collections.abc import Iterable
from typing import Literal, get_args

from msgspec.structs import replace

from chatapp.domain.model import Event, FileInfo, Message

FileKind = Literal["image", "video", "audio", "document"]
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)


def kind_of(type: str) -> FileKind:
    """The kind of a file, from the MIME type of its content."""
    family = type.partition("/")[0]
    return next((kind for kind in FILE_KINDS[:3] if kind == family), "document")


def all_files(said: Event | Message) -> list[FileInfo]:
    """The files of a message, and the pictures of its previews."""
    pictures = (preview.image for preview in said.previews or ())
    return [*(said.files or ()), *(picture for picture in pictures if picture)]


def removal_of(file: FileInfo) -> FileInfo:
    """How an edit says that a file was removed: the digest tells which one, and nothing else is
    repeated, because names and descriptions are their sender's words, and can be erased."""
    return FileInfo(id=file.id, name="", type="", bytes=0, sha256=file.sha256, removed=True)


def is_removal(event: Event) -> bool:
    """Whether an edit removes files, and leaves the text as it is."""
    return event.type == "edit" and event.files is not None


def after_removal(files: Iterable[FileInfo], removed: Iterable[FileInfo]) -> list[FileInfo]:
    """The files of a message after some were removed. They keep their places."""
    gone = {file.sha256 for file in removed}
    return [_remains(file) if file.sha256 in gone else file for file in files]


def _remains(file: FileInfo) -> FileInfo:
    return replace(file, name="", alt=None, width=None, height=None, removed=True)
