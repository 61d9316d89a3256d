"""The files of imported messages: their bytes come from the folder `files` beside the export.

What is there must have the SHA-256 that the message says. A message whose file is missing is
imported all the same: import again when the folder is there, and it has its file.
"""

import base64
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Self

from msgspec.structs import replace

from chatapp.domain.limits import MAX_ALT_CHARACTERS, MAX_FILE_NAME_CHARACTERS
from chatapp.domain.model import Draft, Event, FileInfo, Message
from chatapp.domain.visible import JOINERS
from chatapp.ports import Blobs
from chatapp.transfer.exported_files import exported, parts_of
from chatapp.upkeep.files.check import digest_of

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}")
_HIDDEN = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])
ID_CHARACTERS = 22

Attach = Callable[[FileInfo, Draft | Event | Message, int, str], None]
"""`attach(file, message, seq, at)` notes that a message has a file."""
Look = Callable[[Path, FileInfo], object]
"""`look(path, file)` makes smaller pictures of the bytes at a path."""
HasOther = Callable[[FileInfo, str], bool]
"""Whether another message has a file with this id, by the room of this one."""


def checked_file(file: FileInfo) -> FileInfo:
    """Raises ValueError for what no export has."""
    if file.removed:
        _check(file.id == "" or _ID.fullmatch(file.id), "id", file.id)
        _check(_DIGEST.fullmatch(file.sha256), "SHA-256", file.sha256)
        return FileInfo(id=file.id, name="", type="", bytes=0, sha256=file.sha256, removed=True)
    _check(_ID.fullmatch(file.id), "id", file.id)
    _check(_DIGEST.fullmatch(file.sha256), "SHA-256", file.sha256)
    _check(_TYPE.fullmatch(file.type), "type", file.type)
    _check(_is_name(file.name), "name", file.name)
    _check(file.bytes >= 0, "size", str(file.bytes))
    _check(len(file.alt or "") <= MAX_ALT_CHARACTERS, "description", (file.alt or "")[:60])
    return file


class ImportedFiles:
    """Brings files to `blobs` from the folder `beside`, where the export is. `scratch` is a folder
    on the disk of the chat."""

    def __init__(
        self,
        blobs: Blobs | None,
        beside: Path,
        *,
        scratch: Path,
        attach: Attach,
        has_other: HasOther,
        look: Look = lambda _path, _file: None,
    ) -> None:
        self.missing = 0
        self._blobs = blobs
        self._beside = beside
        self._scratch = scratch
        self._attach = attach
        self._has_other = has_other
        self._look = look

    @classmethod
    def nowhere(cls) -> Self:
        """All files are missing."""
        nowhere = Path()
        return cls(
            None, nowhere, scratch=nowhere, attach=lambda *_: None, has_other=lambda *_: False
        )

    def brought(self, draft: Draft) -> Draft:
        """The draft, after its files are here. An id that another message has becomes a new one,
        the same each time."""
        if not draft.files or draft.type != "message":
            return draft
        for file in draft.files:
            self.missing += not self._bring(file)
        return replace(draft, files=[self._with_own_id(file, draft.room) for file in draft.files])

    def lacking(self, draft: Draft) -> int:
        """How many files of a draft have no bytes here nor beside the export."""
        if not draft.files or draft.type != "message":
            return 0
        return sum(not self._is_there(file) for file in draft.files)

    def attach(self, message: Draft | Event | Message, seq: int, at: str) -> None:
        for file in message.files or ():
            if not file.removed:
                self._attach(file, message, seq, at)

    def _with_own_id(self, file: FileInfo, room: str) -> FileInfo:
        if not self._has_other(file, room):
            return file
        digest = sha256(f"{room}\n{file.id}".encode()).digest()
        return replace(file, id=base64.urlsafe_b64encode(digest).decode()[:ID_CHARACTERS])

    def _is_there(self, file: FileInfo) -> bool:
        if self._blobs is None:
            return False
        here = self._blobs.size(file.sha256) == file.bytes
        return here or exported(self._beside, file.sha256) is not None

    def _bring(self, file: FileInfo) -> bool:
        if self._blobs is None:
            return False
        if self._blobs.size(file.sha256) == file.bytes:
            return True
        path = exported(self._beside, file.sha256)
        if path is None or digest_of(parts_of(path)) != file.sha256:
            return False
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="importing-") as folder:
            copy = shutil.copyfile(path, Path(folder) / file.sha256)
            self._look(copy, file)
            self._blobs.put(file.sha256, copy)
        return True


def _is_name(name: str) -> bool:
    is_whole = 0 < len(name) <= MAX_FILE_NAME_CHARACTERS and not set("/\\") & set(name)
    return is_whole and not any(
        unicodedata.category(one) in _HIDDEN and one not in JOINERS for one in name
    )


def _check(is_right: object, what: str, value: str) -> None:
    if not is_right:
        raise ValueError(f"its file has no valid {what}: {value[:60]!r}")
