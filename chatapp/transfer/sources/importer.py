"""Adds the records of a source to the log. Importing the same source again adds nothing twice.

    record ── people, rooms ── gathered: up to 1,000 messages ── which of them are there ── drafts
                                                                 one query for all           │
                                                                            log (appending.py)

The cid of a message comes from its id in the source, so the log knows the message again. An edit, a
deletion or a reaction is known again by its message. So an import that was interrupted at any
moment is continued by running it again.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from chatapp.domain.errors import ChatError, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_CID_CHARACTERS, MAX_FILES, MAX_TEXT_BYTES, checked_text
from chatapp.domain.model import Draft, FileInfo
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.store.message_log import MessageLog
from chatapp.transfer.sources.appending import Appending, FilesOfSource
from chatapp.transfer.sources.changes import SourceChanges
from chatapp.transfer.sources.people import ImportedPeople, ImportedPerson, ImportOrigins
from chatapp.transfer.sources.records import (
    LostPart,
    SkippedRow,
    Source,
    SourceMessage,
    SourcePerson,
    SourceRoom,
)
from chatapp.transfer.sources.report import Report
from chatapp.transfer.sources.rooms import RoomsOfSource

AT_ONCE = 1_000
"""The number of messages that are looked up together, and then are on their way."""
AT_ONCE_CHARACTERS = 4 << 20
"""Of their texts, some of which may be very long."""

_PLANNED_FILE = FileInfo(id="", name="", type="", bytes=0, sha256="")
"""Stands for a file in a dry run."""


class _Gathered(NamedTuple):
    message: SourceMessage
    room: str
    sender: ImportedPerson
    cid: str


class SourceImporter:
    """`wait` waits for what is appended. `scratch` is a folder for temporary files. A `dry_run`
    reads all, and adds nothing."""

    def __init__(
        self,
        log: MessageLog,
        source: Source,
        *,
        origins: ImportOrigins,
        people: ImportedPeople,
        rooms: RoomsOfSource,
        files: FilesOfSource,
        report: Report,
        wait: Callable[[Future[Any]], Any],
        scratch: Path,
        dry_run: bool = False,
    ) -> None:
        self._log = log
        self._source = source
        self._origins = origins
        self._people = people
        self._rooms = rooms
        self._files = files
        self._report = report
        self._scratch = scratch
        self._dry_run = dry_run
        self._gathered: list[_Gathered] = []
        self._characters = 0
        self._room = ""
        self._appending = Appending(
            log,
            changes=SourceChanges(people, report),
            files=files,
            report=report,
            wait=wait,
            scratch=scratch,
            dry_run=dry_run,
        )

    def run(self, progress: Progress = unwatched) -> None:
        """Raises StorageError if the log takes nothing more, or the source cannot be read on."""
        try:
            names = _Names(self._people, self._rooms)
            for record in self._source.records(names, progress, self._scratch):
                match record:
                    case SourceMessage():
                        self._gather(record)
                    case SourcePerson():
                        self._people.see(record)
                    case SourceRoom():
                        self._rooms.see(record)
                    case SkippedRow():
                        self._report.skip(record.where, record.why)
                    case LostPart():
                        self._report.lose(record.where, record.why)
            self._add_gathered()
            self._rooms.finish()
            self._log.flush()
        except (ReadOnly, Unavailable) as refusal:
            raise StorageError(
                f"{refusal.message} {self._report.messages:,} messages were imported; run the "
                "import again when this is over: it goes on where it stopped."
            ) from None
        finally:
            self._appending.close()

    def _gather(self, message: SourceMessage) -> None:
        room = self._rooms.get(message.room)
        sender = self._people.get(message.sender)
        if room is None or sender is None:
            what = "its room" if room is None else "its sender"
            self._report.skip(message.where, f"{what} is not in the export")
            return
        self._gathered.append(_Gathered(message, room, sender, self._cid(message.id, 0)))
        self._characters += len(message.text)
        if len(self._gathered) >= AT_ONCE or self._characters >= AT_ONCE_CHARACTERS:
            self._add_gathered()

    def _add_gathered(self) -> None:
        gathered, self._gathered, self._characters = self._gathered, [], 0
        asked = [Draft(one.room, one.sender.name, one.sender.id, cid=one.cid) for one in gathered]
        for one, known in zip(gathered, self._log.find_cids(asked), strict=True):
            self._add(one, known)
        self._appending.settle()

    def _add(self, one: _Gathered, known: int | None) -> None:
        message, room, sender, _ = one
        if room != self._room and self._source.room_by_room:
            self._appending.forget()
        self._room = room
        try:
            drafts = list(self._drafts(one))
        except ChatError as error:
            self._report.skip(message.where, error.message)
            return
        if sender.has_account:
            self._rooms.wrote(room, sender.id, sender.name)
        for number, draft in enumerate(drafts):
            there = known if number == 0 else None
            self._appending.add(message, draft, there, is_first=number == 0)

    # Drafts

    def _drafts(self, one: _Gathered) -> Iterator[Draft]:
        """The message; what is too much for one follows in others. Raises ChatError."""
        message, room, sender, cid = one
        files = list(self._brought(message, room, sender)) if message.files else []
        text = message.text.replace("\0", "")
        thread = reply_to = None
        if message.thread is not None:
            thread = self._seq(message, room, message.thread, "its thread")
        if message.reply_to is not None:
            reply_to = self._seq(message, room, message.reply_to, "the message that it answers")
        is_short = len(files) <= MAX_FILES and len(text) * 4 <= MAX_TEXT_BYTES
        parts = [(text, files)] if is_short else _in_parts(text, files)
        for number, (part, share) in enumerate(parts):
            yield Draft(
                room,
                sender.name,
                sender.id,
                text=checked_text(part) if part or not share else "",
                cid=cid if number == 0 else self._cid(message.id, number),
                reply_to=reply_to,
                system=message.system,
                thread=thread,
                also_to_room=(message.also_to_room or None) if thread else None,
                files=share or None,
            )

    def _brought(
        self, message: SourceMessage, room: str, sender: ImportedPerson
    ) -> Iterator[FileInfo]:
        for file in message.files or ():
            if self._dry_run:
                info = _PLANNED_FILE if file.path else None
            else:
                info = self._files.bring(file, room, sender.id)
            if info is None:
                self._report.lose(message.where, "the bytes of a file are not in the export")
                shown = f"[{file.name}]({file.link})" if file.link else file.name
                message.text = "\n".join(filter(None, [message.text, f"📎 {shown}"]))
            else:
                yield info

    def _seq(self, message: SourceMessage, room: str, id: str, what: str) -> int | None:
        seq = self._appending.seq_of(room, id)
        if seq is None:
            self._report.lose(message.where, f"{what} is not in the export")
        return seq

    def _cid(self, id: str, number: int) -> str:
        cid = f"{self._origins.source}-{id}" + (f"+{number}" if number else "")
        if len(cid) <= MAX_CID_CHARACTERS and cid.isprintable():
            return cid
        digest = sha256(cid.encode(errors="surrogatepass")).hexdigest()
        return f"{self._source.format}-{digest}"[:MAX_CID_CHARACTERS]


class _Names:
    """What people and rooms are called here."""

    def __init__(self, people: ImportedPeople, rooms: RoomsOfSource) -> None:
        self._people = people
        self._rooms = rooms

    def person(self, id: str) -> str | None:
        found = self._people.get(id)
        return found.name if found else None

    def room(self, id: str) -> str | None:
        return self._rooms.get(id)


def _in_parts(text: str, files: list[FileInfo]) -> Iterable[tuple[str, list[FileInfo]]]:
    """Texts that are not too long, cut between lines or words where there are any, and so many
    files with each as a message has."""
    shares = [files[at : at + MAX_FILES] for at in range(0, len(files), MAX_FILES)]
    texts = _short_texts(text) if text or not files else []
    return ((part or "", share or []) for part, share in zip_longest(texts, shares))


def _short_texts(text: str) -> list[str]:
    parts = []
    while len(text) * 4 > MAX_TEXT_BYTES and len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        head = text.encode(errors="replace")[:MAX_TEXT_BYTES].decode(errors="ignore")
        cut = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0) or len(head)
        parts.append(text[:cut])
        text = text[cut:].lstrip("\n ")
    return [*parts, text]
