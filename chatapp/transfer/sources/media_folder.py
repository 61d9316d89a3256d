"""A folder with the bytes of files, beside an export that only names them (`--media`)."""

import re
from pathlib import Path
from typing import BinaryIO

from chatapp.transfer.sources.archives import DamagedMember

_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


def is_media_id(id: str) -> bool:
    """Whether an id can be the name of a file, and nothing else."""
    return _ID.fullmatch(id) is not None


class MediaFolder:
    """What is in `folder` and below it; nothing, without one. A name that leads out of it, by
    dots or by a link, is not there."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder and folder.resolve()

    def first_of(self, *names: str) -> str:
        """The first of these names that is a file; empty if none is."""
        return next((name for name in names if self._find(name)), "")

    def open(self, name: str) -> BinaryIO:
        """Raises `DamagedMember` if it is not there."""
        path = self._find(name)
        try:
            if path:
                return path.open("rb")
        except OSError as error:
            raise DamagedMember(f"a file cannot be read ({error.strerror})") from None
        raise DamagedMember("a file is not there")

    def _find(self, name: str) -> Path | None:
        if self._folder is None:
            return None
        path = (self._folder / name).resolve()
        return path if path.is_relative_to(self._folder) and path.is_file() else None


NO_MEDIA = MediaFolder(None)
