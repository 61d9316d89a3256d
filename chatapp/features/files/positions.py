"""Removes from a picture or a film where it was taken, without touching a pixel.

Everything happens in place, and no length changes: what points into the file still does.

    JPEG    APP1 "Exif": the GPS part; APP1 XMP that names a position: blanks. In all pictures that
            the file holds (a phone adds a small one, and a second one for bright screens)
    PNG     eXIf: the GPS part; XMP and raw profiles in text chunks: blanks; with new checksums
    WebP    EXIF: the GPS part; XMP: blanks
    GIF     XMP: blanks
    MP4     the texts +48.85+002.29/ of ISO 6709: zeros. In MOV, HEIF and 3GP as well
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

CHUNK_BYTES = 256 * 1024
OVERLAP_BYTES = 64
MAX_SEGMENT_BYTES = 1 << 20
"""Most that is read of one piece of metadata; a larger one is blanked without being read."""
GPS_TAG = 0x8825
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_POSITION = re.compile(rb"gps|latitude|longitude|location|geo:", re.IGNORECASE)
_APP1 = re.compile(rb"\xff\xe1..(?:Exif\0\0|http://ns\.adobe\.com/x)", re.DOTALL)
_ISO_6709 = re.compile(rb"[+-]\d{2,6}(?:\.\d+)?[+-]\d{3,7}(?:\.\d+)?(?:[+-]\d+(?:\.\d+)?)?/")
_DIGIT = re.compile(rb"\d")
_ENTRY = 12
"""Bytes of an entry of a TIFF directory: tag, type, count, value."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
"""Bytes of a value by its type."""


def remove_position(file: Path, type: str) -> bool:
    """Whether something was removed. What is malformed is left to whoever decodes it."""
    remove = _BY_TYPE.get(type)
    if remove is None:
        return False
    with file.open("r+b") as opened:
        return remove(opened)


def _of_jpeg(file: BinaryIO) -> bool:
    changed = False
    for at, found in list(_found(file, _APP1)):
        (length,) = struct.unpack(">H", found[2:4])
        file.seek(at + 4)
        segment = file.read(length - 2)
        if segment.startswith(b"Exif\0\0"):
            new = b"Exif\0\0" + without_gps(segment[6:])
        elif segment.startswith((_XMP, _EXTENDED_XMP)):
            new = _without_xmp(segment)
        else:
            continue
        changed |= _write(file, at + 4, segment, new)
    return changed


def _of_png(file: BinaryIO) -> bool:
    changed = False
    for at, length, kind in _png_chunks(file):
        if kind not in (b"eXIf", b"iTXt", b"zTXt", b"tEXt"):
            continue
        file.seek(at + 8)
        body = file.read(min(length, MAX_SEGMENT_BYTES))
        new = without_gps(body) if kind == b"eXIf" else _png_text(kind, body, length)
        if _write(file, at + 8, body, new):
            file.seek(at + 4)
            checksum = zlib.crc32(file.read(4 + length))
            file.seek(at + 8 + length)
            file.write(struct.pack(">I", checksum))
            changed = True
    return changed


def _png_chunks(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Where each chunk begins, its length, and its kind."""
    at, end = 8, file.seek(0, 2)
    while at + 12 <= end:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        if at + 12 + length > end:
            return
        yield at, length, kind
        at += 12 + length


def _png_text(kind: bytes, body: bytes, length: int) -> bytes:
    """A text chunk, with blanks if it may hold a position: compressed ones are not unpacked."""
    keyword = body.partition(b"\0")[0]
    is_profile = keyword == b"XML:com.adobe.xmp" or keyword.startswith(b"Raw profile type")
    is_packed = kind == b"zTXt" or (kind == b"iTXt" and body[len(keyword) + 1 :][:1] == b"\1")
    if not is_profile or not (is_packed or length > len(body) or _POSITION.search(body)):
        return body
    if kind == b"zTXt":
        return _padded(keyword + b"\0\0" + zlib.compress(b""), len(body), b"\0")
    start = keyword + (b"\0\0\0\0\0" if kind == b"iTXt" else b"\0")
    return _padded(start, len(body), b" ")


def _of_webp(file: BinaryIO) -> bool:
    changed, at, end = False, 12, file.seek(0, 2)
    while at + 8 <= end:
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind in (b"EXIF", b"XMP "):
            body = file.read(min(length, MAX_SEGMENT_BYTES))
            start = 6 if body.startswith(b"Exif\0\0") else 0
            new = body[:start] + without_gps(body[start:])
            changed |= _write(file, at + 8, body, _blanked(body) if kind == b"XMP " else new)
        at += 8 + length + length % 2
    return changed


def _of_gif(file: BinaryIO) -> bool:
    changed = False
    for at, found in list(_found(file, re.compile(rb"XMP DataXMP"))):
        start = at + len(found)
        file.seek(start)
        body = file.read(MAX_SEGMENT_BYTES)
        packet = body[: body.find(b"\x01\xff\xfe\xfd")] if b"\x01\xff\xfe\xfd" in body else b""
        changed |= _write(file, start, packet, _blanked(packet))
    return changed


def _of_film(file: BinaryIO) -> bool:
    changed = False
    for at, found in list(_found(file, _ISO_6709)):
        changed |= _write(file, at, found, _DIGIT.sub(b"0", found))
    return changed


_BY_TYPE: dict[str, Callable[[BinaryIO], bool]] = {
    "image/jpeg": _of_jpeg,
    "image/png": _of_png,
    "image/webp": _of_webp,
    "image/gif": _of_gif,
    **dict.fromkeys(
        ["video/mp4", "video/quicktime", "audio/mp4", "image/heic", "image/heif", "image/avif"],
        _of_film,
    ),
}


def without_gps(tiff: bytes) -> bytes:
    """An Exif block of the same length, without the directory of the position and its values."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return tiff
    new = bytearray(tiff)
    try:
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for number in range(count - 1, -1, -1):
            entry = at + 2 + number * _ENTRY
            tag, _, _, value = struct.unpack_from(order + "HHII", tiff, entry)
            if tag == GPS_TAG:
                _zero_directory(new, order, value)
                _remove_entry(new, order, at, number)
    except struct.error:  # it points out of itself: no reader finds more than we did
        return bytes(new)
    return bytes(new)


def _zero_directory(tiff: bytearray, order: str, at: int) -> None:
    (count,) = struct.unpack_from(order + "H", tiff, at)
    end = min(at + 2 + count * _ENTRY + 4, len(tiff))
    for entry in range(at + 2, end - 4, _ENTRY):
        if entry + _ENTRY > len(tiff):
            break
        _, kind, items, value = struct.unpack_from(order + "HHII", tiff, entry)
        size = _SIZES.get(kind, 1) * items
        if size > 4 and value < len(tiff):
            stop = min(value + size, len(tiff))
            tiff[value:stop] = bytes(stop - value)
    tiff[at:end] = bytes(end - at)


def _remove_entry(tiff: bytearray, order: str, at: int, number: int) -> None:
    """Later entries, and the offset of the next directory, move up."""
    (count,) = struct.unpack_from(order + "H", tiff, at)
    entry, end = at + 2 + number * _ENTRY, at + 2 + count * _ENTRY + 4
    if entry + _ENTRY > end:  # It pointed at this directory itself, which is zeros now.
        return
    rest = tiff[entry + _ENTRY : end]
    tiff[entry : entry + len(rest)] = rest
    stop = min(end, len(tiff))
    tiff[entry + len(rest) : stop] = bytes(stop - entry - len(rest))
    struct.pack_into(order + "H", tiff, at, count - 1)


def _without_xmp(segment: bytes) -> bytes:
    start = len(_XMP) if segment.startswith(_XMP) else len(_EXTENDED_XMP) + 40
    if segment.startswith(_EXTENDED_XMP):  # cut anywhere, so a word may be in two of them
        return _padded(segment[:start], len(segment), b" ")
    return segment[:start] + _blanked(segment[start:])


def _blanked(packet: bytes) -> bytes:
    return b" " * len(packet) if _POSITION.search(packet) else packet


def _padded(start: bytes, length: int, fill: bytes) -> bytes:
    return start[:length].ljust(length, fill)


def _write(file: BinaryIO, at: int, old: bytes, new: bytes) -> bool:
    if old == new:
        return False
    file.seek(at)
    file.write(new)
    return True


def _found(file: BinaryIO, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """Where a short pattern is, a little of the file at a time: others run in between."""
    at = 0
    while True:
        file.seek(at)
        chunk = file.read(CHUNK_BYTES + OVERLAP_BYTES)
        for found in pattern.finditer(chunk):
            if found.start() < CHUNK_BYTES:
                yield at + found.start(), found[0]
        if len(chunk) < CHUNK_BYTES:
            return
        at += CHUNK_BYTES
