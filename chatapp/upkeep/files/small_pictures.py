"""The bytes of emoji and of photos, which rows of the directory have, beside those of files, which
the log has."""

from pathlib import Path

from msgspec.structs import replace

from chatapp.domain.emoji import EMOJI_TABLE, OwnEmoji
from chatapp.domain.photos import PHOTOS_TABLE, Photo
from chatapp.tables.stored_rows import stored_rows
from chatapp.upkeep.files.references import FileReferences


def emoji_rows(directory: Path) -> list[OwnEmoji]:
    """By name. A server may be using the directory."""
    rows = sorted(stored_rows(directory, EMOJI_TABLE, OwnEmoji).items())
    return [row for _, row in rows if not row.is_alias]


def with_small_pictures(known: FileReferences, directory: Path) -> FileReferences:
    """What is to be kept for messages, emoji and photos."""
    photos = stored_rows(directory, PHOTOS_TABLE, Photo).values()
    bytes = {row.sha256: row.bytes for row in emoji_rows(directory)}
    bytes |= {row.sha256: row.bytes for row in photos}
    return replace(known, kept=known.kept | bytes, gone=known.gone - bytes.keys())
