"""The chat's own emoji in an export: their rows in `files/emoji.json`, their pictures beside it.

    files/emoji.json             [{"name": "party", "sha256": "9f86d0…", …}]
    files/9f86d0…0a08.webp       the picture
    files/still-9f86d0…0a08.webp the first frame of an animated one, for pages

An export of everything has all of them; one of a part has those that are used there.
"""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path

import msgspec

from chatapp.blobs.names import BlobMissing
from chatapp.domain.emoji import OwnEmoji, own_name, own_names_in
from chatapp.domain.model import Event, FileInfo
from chatapp.ports import Blobs
from chatapp.store.data_folder import FILES

ROWS = "emoji.json"
STILL = ".preview"


class ExportedEmoji(Mapping[str, str]):
    """The HTML of emoji by their names and aliases; notes which ones are used."""

    def __init__(self, rows: Iterable[OwnEmoji] = ()) -> None:
        self._rows = {name: row for row in rows for name in (row.name, *row.aliases)}
        self._used: dict[str, OwnEmoji] = {}

    def __getitem__(self, name: str) -> str:
        return picture_of(self._use(self._rows[name]), name)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def note(self, event: Event) -> None:
        """An event that is exported as it happened."""
        for name in own_names_in(f"{event.text or ''} {event.emoji or ''}"):
            if name in self._rows:
                self._use(self._rows[name])

    def note_all(self) -> None:
        for row in self._rows.values():
            self._use(row)

    def reaction(self, emoji: str) -> str:
        """The HTML of a reaction."""
        name = own_name(emoji)
        return self[name] if name in self._rows and name else escape(emoji)

    @property
    def by_name(self) -> list[tuple[str, FileInfo]]:
        """The pictures of all emoji, by their names and aliases."""
        return [(name, _as_file(row)) for name, row in sorted(self._rows.items())]

    @property
    def pictures(self) -> list[FileInfo]:
        """As files of the export."""
        return [_as_file(row) for row in self._used.values()]

    def write(self, blobs: Blobs, folder: Path) -> None:
        """The rows, and the stills of those that are animated, into the folder of files."""
        rows = sorted(self._used.values(), key=lambda row: row.name)
        if not rows:
            return
        for row in rows:
            if row.animated:
                _copy_still(blobs, row, folder)
        making = folder / f"{ROWS}.making"
        making.write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=1) + b"\n")
        making.replace(folder / ROWS)

    def _use(self, row: OwnEmoji) -> OwnEmoji:
        return self._used.setdefault(row.name, row)


def _as_file(row: OwnEmoji) -> FileInfo:
    return FileInfo(id="", name=row.name, type="image/webp", bytes=row.bytes, sha256=row.sha256)


def picture_of(row: OwnEmoji, name: str) -> str:
    """A picture that stands in a text, as seen from the export."""
    shown = escape(f":{name}:")
    image = (
        f'<img class="own-emoji" src="{FILES}/{row.sha256}.webp" alt="{shown}" title="{shown}"'
        f' width="{row.width}" height="{row.height}">'
    )
    if not row.animated:
        return image
    still = f"{FILES}/{_still_name(row)}"
    return (
        f'<picture><source media="(prefers-reduced-motion: reduce)" srcset="{still}">'
        f"{image}</picture>"
    )


def _still_name(row: OwnEmoji) -> str:
    return f"still-{row.sha256}.webp"


def _copy_still(blobs: Blobs, row: OwnEmoji, folder: Path) -> None:
    path = folder / _still_name(row)
    try:
        still = b"".join(blobs.read(row.sha256 + STILL))
    except BlobMissing:
        return  # the page shows the picture
    path.write_bytes(still)
