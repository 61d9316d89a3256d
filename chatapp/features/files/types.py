"""The type of a file, by its first bytes: never by its name or by what a client says.

A table of our own: the packages of the field know a thousand types, of which a chat shows a dozen,
and guess by weak signs. What is not known here is `application/octet-stream`, which is only ever
saved. Text is what decodes as UTF-8 and has no control characters, to its end.
"""

import codecs
import re
from pathlib import Path

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"
HEAD_BYTES = 4096
CHUNK_BYTES = 256 * 1024

PICTURES = frozenset(["image/png", "image/jpeg", "image/gif", "image/webp"])
"""Those that are decoded, and shown."""
PDF = "application/pdf"
PASSIVE = PICTURES | {
    *("video/mp4", "video/webm"),
    *("audio/mpeg", "audio/ogg", "audio/wav", "audio/mp4", "audio/webm"),
    *(PDF, TEXT),
}
"""Those that a browser may open in place, because they hold no script."""

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", PDF),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"\x1f\x8b", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"{\\rtf", "application/rtf"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"avif": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
}
_OFFICE = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OPEN_DOCUMENT = re.compile(rb"mimetype(application/[a-z0-9.+-]{5,60}?)(?:PK|$)")
_MP3_FRAME = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xeb]")
_SVG = re.compile(rb"<svg[\s>]", re.IGNORECASE)
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|title|style|meta|img)[\s>/]", re.IGNORECASE
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
"""All but tab, line ends, form feed, and the escape of terminals' colours."""


def type_of(file: Path) -> str:
    """The MIME type of a file's content. Reads it to its end, if it may be text."""
    with file.open("rb") as source:
        head = source.read(HEAD_BYTES)
    known = _of_head(head)
    if known or not head:
        return known or TEXT
    return _of_text(head) if _is_text(file) else UNKNOWN


def kind_of(type: str) -> str:
    """`image`, `video`, `audio` or `document`."""
    major = type.partition("/")[0]
    return major if major in ("image", "video", "audio") else "document"


def _of_head(head: bytes) -> str | None:
    for start, type in _STARTS:
        if head.startswith(start):
            return type
    return next(filter(None, (look(head) for look in _LOOKS)), None)


def _of_container(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[:512] else "audio/ogg"
    return None


def _of_archive(head: bytes) -> str | None:
    if head[:4] == b"PK\x03\x04":
        return _of_zip(head)
    return "application/x-tar" if head[257:262] == b"ustar" else None


def _of_sound(head: bytes) -> str | None:
    return "audio/mpeg" if _MP3_FRAME.match(head) else None


_LOOKS = (_of_container, _of_archive, _of_sound)


def _of_zip(head: bytes) -> str:
    if found := _OPEN_DOCUMENT.search(head[:120]):
        return found[1].decode()
    if b"[Content_Types].xml" in head:
        return next((type for sign, type in _OFFICE if sign in head), "application/zip")
    return "application/zip"


def _of_text(head: bytes) -> str:
    """Markup is named, so that it is never opened in place; who shows it shows its source."""
    if _SVG.search(head):
        return "text/xml"
    return "text/html" if _MARKUP.search(head) else TEXT


def _is_text(file: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError:
                return False
            if _CONTROL.search(text):
                return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
