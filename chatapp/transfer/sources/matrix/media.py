"""Where the bytes of a room's files are.

Element's archive has them in folders by their kind, and no event says which is which:

    images/photo-9-24-2022 at 2-55-45 PM.png      what the event calls it, and when it was sent,
                                                  as the exporter's language and time zone write it

So a file is the first one that begins and ends as the event calls it, and has the size that the
event tells; without a size, the one that was sent in the same minute and second. Files of the same
name and size are in the order of their events.

Without an archive, files are in a folder: by their ids, as the media store of Synapse has those of
its own people (`local_content/ab/cd/rest-of-the-id`), or plainly. Encrypted ones stay encrypted
there, so they are not taken.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from chatapp.transfer.sources.archives import FileOfSource, ZipOfSource
from chatapp.transfer.sources.matrix.values import MatrixContent, MatrixEvent
from chatapp.transfer.sources.media_folder import MediaFolder, is_media_id

FOLDERS = {"m.image": "images", "m.video": "videos", "m.audio": "audio", "m.file": "files"}
"""Of Element's archive, by the type of a message."""
STICKERS = "stickers"
_VOICE_ENDING = ".ogg"
_STICKER_ENDING = ".png"
_MXC = re.compile(r"mxc://([A-Za-z0-9.:-]{1,255})/(.+)")
_NUMBER = re.compile(r"\d+")
_MOST_DASHES = 40
"""In the name of a file: Element's dates have six at most."""

_Key = tuple[str, str, str]
"""Folder, beginning, and ending of a file's name."""


class MatrixMedia:
    """Each file of the archive is of one event."""

    def __init__(self, archive: ZipOfSource | FileOfSource, folder: MediaFolder) -> None:
        self._archive = archive
        self._folder = folder
        self._named: dict[_Key, list[str]] = {}
        self._taken: set[str] = set()
        if isinstance(archive, ZipOfSource):
            folders = (*FOLDERS.values(), STICKERS)
            for name in archive.names():
                if name.partition("/")[0] in folders:
                    for key in _keys_of(name):
                        self._named.setdefault(key, []).append(name)

    def path_of(self, event: MatrixEvent) -> str:
        """Of the file of an event; empty if its bytes are not there."""
        found = next(filter(lambda name: self._fits(name, event), self._likely(event)), None)
        if found is not None:
            self._taken.add(found)
            return found
        return self._folder.first_of(*_names_in_store(event.content))

    def _likely(self, event: MatrixEvent) -> Iterator[str]:
        for key in _keys_of_event(event):
            yield from self._named.get(key, ())

    def _fits(self, name: str, event: MatrixEvent) -> bool:
        if name in self._taken:
            return False
        size = event.content.info and event.content.info.size
        if size is not None:
            return self._archive.size_of(name) == size
        at = datetime.fromtimestamp(event.origin_server_ts / 1000, UTC)
        return [int(one) for one in _NUMBER.findall(name)][-2:] == [at.minute, at.second]


def _keys_of(name: str) -> Iterator[_Key]:
    """All beginnings that an event may give for this file: up to each of its dashes."""
    folder, _, file = name.partition("/")
    stem, ending = _split(file)
    at = -1
    for _ in range(_MOST_DASHES):
        at = stem.find("-", at + 1)
        if at < 0:
            return
        yield folder, stem[:at], ending


def _keys_of_event(event: MatrixEvent) -> Iterator[_Key]:
    content = event.content
    folder = STICKERS if event.type == "m.sticker" else FOLDERS.get(content.msgtype or "", "")
    for called in dict.fromkeys(filter(None, (content.body, content.filename))):
        stem, ending = _split(called)
        endings: Iterable[str] = (ending,)
        if folder == STICKERS:
            endings = (_STICKER_ENDING,)
        elif content.msgtype == "m.audio":
            endings = (ending, _VOICE_ENDING)
        for each in endings:
            yield folder, stem, each


def _split(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    return (stem, f".{ending}") if dot else (name, "")


def _names_in_store(content: MatrixContent) -> list[str]:
    found = _MXC.fullmatch(content.url or "")
    if not found or not is_media_id(found[2]):
        return []
    server, id = found[1], found[2]
    return [f"local_content/{id[:2]}/{id[2:4]}/{id[4:]}", f"{server}/{id}", id]
