"""Adds the records of a source to the log. Importing the same source again adds nothing twice.

    record ── people, rooms ── drafts ── log: up to 1,000 on their way
                                          │ each has its seq
                                          └── its edit, deletion and reactions

The cid of a message comes from its id in the source, so the log knows the message again. An edit, a
deletion or a reaction is known again by its message. So an import that was interrupted at any
moment is continued by running it again.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from chatapp.domain.errors import ChatError, ReadOnly, Unavailable
from chatapp.domain.future import Future, all_of
from chatapp.domain.limits import (
    MAX_CID_CHARACTERS,
    MAX_FILES,
    MAX_TEXT_BYTES,
    checked_emoji,
    checked_text,
)
from chatapp.domain.model import Appended, Draft, FileInfo
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress, unwatched
from chatapp.store.message_log import MessageLog
from chatapp.transfer.sources.people import ImportedPeople, ImportedPerson, ImportOrigins
from chatapp.transfer.sources.records import (
    LostPart,
    SkippedRow,
    Source,
    SourceFile,
    SourceMessage,
    SourcePerson,
    SourceRoom,
)
from chatapp.transfer.sources.report import Report
from chatapp.transfer.sources.rooms import RoomsOfSource

AT_ONCE = 1_000
"""The number of messages on their way."""

_PLANNED_FILE = FileInfo(id="", name="", type="", bytes=0, sha256="")
"""Stands for a file in a dry run."""
_PLANNED_SEQ = 1
"""Stands for the seq of a message in a dry run."""


class FilesOfSource(Protocol):
    """Brings the files of messages. A file has the same id each time."""

    def bring(self, file: SourceFile, room: str, by: str) -> FileInfo | None:
        """None: its bytes are not in the export, or damaged."""

    def attach(self, file: FileInfo, appended: Appended) -> None: ...


class _Sent(NamedTuple):
    """A message on its way. `is_first`: it has what happened to the message."""

    message: SourceMessage
    draft: Draft
    appended: Future[Appended]
    is_first: bool


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
        self._wait = wait
        self._scratch = scratch
        self._dry_run = dry_run
        self._room = ""
        self._sent: list[_Sent] = []
        self._roots: dict[str, dict[str, int]] = {}
        """The seqs of messages that others may refer to, by room and id in the source."""
        self._roots_on_their_way: set[tuple[str, str]] = set()
        self._planned: set[int] = set()
        """Hashes of the messages of a dry run: some 80 bytes for each."""

    def run(self, progress: Progress = unwatched) -> None:
        """Raises StorageError if the log takes nothing more, or the source cannot be read on."""
        try:
            names = _Names(self._people, self._rooms)
            for record in self._source.records(names, progress, self._scratch):
                match record:
                    case SourceMessage():
                        self._import(record)
                    case SourcePerson():
                        self._people.see(record)
                    case SourceRoom():
                        self._rooms.see(record)
                    case SkippedRow():
                        self._report.skip(record.where, record.why)
                    case LostPart():
                        self._report.lose(record.where, record.why)
            self._finish()
            self._rooms.finish()
            self._log.flush()
        except (ReadOnly, Unavailable) as refusal:
            raise StorageError(
                f"{refusal.message} {self._report.messages:,} messages were imported; run the "
                "import again when this is over: it goes on where it stopped."
            ) from None

    def _import(self, message: SourceMessage) -> None:
        room = self._rooms.get(message.room)
        sender = self._people.get(message.sender)
        if room is None or sender is None:
            what = "its room" if room is None else "its sender"
            self._report.skip(message.where, f"{what} is not in the export")
            return
        try:
            drafts = list(self._drafts(message, room, sender))
        except ChatError as error:
            self._report.skip(message.where, error.message)
            return
        if room != self._room and self._source.room_by_room:
            self._finish()
            self._roots.clear()
        self._room = room
        if sender.has_account:
            self._rooms.wrote(room, sender.id, sender.name)
        for number, draft in enumerate(drafts):
            self._append(message, draft, is_first=number == 0)

    def _append(self, message: SourceMessage, draft: Draft, *, is_first: bool) -> None:
        if self._dry_run:
            there = self._log.sent_before([draft])
            is_again = self._is_planned(draft)
            is_duplicate = is_again or there is not None
            self._tally(message, draft, is_duplicate=is_duplicate, is_first=is_first)
            if is_first and not is_again:
                seq = self._wait(there)[0].event.seq if there else _PLANNED_SEQ
                for _, follower in self._followers(message, draft, seq, is_known=there is not None):
                    self._count(follower)
            if message.is_root:
                self._roots.setdefault(draft.room, {})[message.id] = _PLANNED_SEQ
            return
        pending = self._log.append(draft, at=message.at)
        self._sent.append(_Sent(message, draft, pending, is_first))
        if is_first and message.is_root:
            self._roots_on_their_way.add((draft.room, message.id))
        if len(self._sent) >= AT_ONCE:
            self._finish()

    def _is_planned(self, draft: Draft) -> bool:
        """Whether the dry run had this message before: exports of parts overlap."""
        key = hash((draft.room, draft.by, draft.cid))
        is_planned = key in self._planned
        self._planned.add(key)
        return is_planned

    # Drafts

    def _drafts(self, message: SourceMessage, room: str, sender: ImportedPerson) -> Iterator[Draft]:
        """The message; what is too much for one follows in others. Raises ChatError."""
        files = list(self._brought(message, room, sender)) if message.files else []
        shares = [files[at : at + MAX_FILES] for at in range(0, len(files), MAX_FILES)]
        texts = _in_parts(message.text) if message.text or not files else []
        thread = self._root(message, room, message.thread, "its thread")
        reply_to = self._root(message, room, message.reply_to, "the message that it answers")
        for number, (text, share) in enumerate(zip_longest(texts, shares)):
            yield Draft(
                room,
                sender.name,
                sender.id,
                text=checked_text(text) if text or not share else "",
                cid=self._cid(message.id, number),
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

    def _root(self, message: SourceMessage, room: str, id: str | None, what: str) -> int | None:
        if id is None:
            return None
        if (room, id) in self._roots_on_their_way:
            self._finish()
        seq = self._roots.get(room, {}).get(id)
        if seq is None:
            self._report.lose(message.where, f"{what} is not in the export")
        return seq

    def _cid(self, id: str, number: int) -> str:
        cid = f"{self._origins.source}-{id}" + (f"+{number}" if number else "")
        if len(cid) <= MAX_CID_CHARACTERS and cid.isprintable():
            return cid
        digest = sha256(cid.encode(errors="surrogatepass")).hexdigest()
        return f"{self._source.format}-{digest}"[:MAX_CID_CHARACTERS]

    # What is in the log

    def _finish(self) -> None:
        """Wait for what is on its way, and add what happened to these messages."""
        sent, self._sent = self._sent, []
        self._roots_on_their_way.clear()
        following: list[Future[Appended]] = []
        followed: set[tuple[str, int]] = set()
        for each in sent:
            appended: Appended = self._wait(each.appended)
            seq = appended.event.seq
            message, draft = each.message, each.draft
            self._tally(message, draft, is_duplicate=appended.duplicate, is_first=each.is_first)
            for file in draft.files or ():
                self._files.attach(file, appended)
            if each.is_first:
                if message.is_root:
                    self._roots.setdefault(draft.room, {})[message.id] = seq
                if (draft.room, seq) in followed:  # the export has it twice
                    self._wait(all_of(following))
                followed.add((draft.room, seq))
                is_known = appended.duplicate
                for at, follower in self._followers(message, draft, seq, is_known=is_known):
                    self._count(follower)
                    following.append(self._log.append(follower, at=at))
        self._wait(all_of(following))

    def _tally(
        self, message: SourceMessage, draft: Draft, *, is_duplicate: bool, is_first: bool
    ) -> None:
        report = self._report
        if is_duplicate:
            report.duplicates += is_first
            return
        report.files += len(draft.files or ())
        if is_first:
            report.messages += 1
            report.replies += draft.thread is not None

    def _followers(
        self, message: SourceMessage, draft: Draft, seq: int, *, is_known: bool
    ) -> Iterator[tuple[str, Draft]]:
        """What happened to a message that is not in the log yet, with its times."""
        if not (message.reactions or message.edited_at or message.is_deleted):
            return
        there = self._log.followers(draft.room, seq) if is_known else ()
        known = {(event.type, event.by, event.emoji) for event in there}
        for at, follower in self._following(message, draft, seq):
            if (follower.type, follower.by, follower.emoji) not in known:
                known.add((follower.type, follower.by, follower.emoji))
                yield at, follower

    def _following(
        self, message: SourceMessage, draft: Draft, seq: int
    ) -> Iterator[tuple[str, Draft]]:
        room, sender, by = draft.room, draft.sender, draft.by
        if message.edited_at and draft.text:
            edit = Draft(room, sender, by, type="edit", text=draft.text, target=seq)
            yield message.edited_at, edit
        for reaction in message.reactions or ():
            if react := self._reaction(message, reaction.person, reaction.emoji, room, seq):
                yield reaction.at or message.at, react
        if message.is_deleted:
            yield message.at, Draft(room, sender, by, type="delete", target=seq)

    def _reaction(
        self, message: SourceMessage, person: str, emoji: str, room: str, seq: int
    ) -> Draft | None:
        who = self._people.get(person)
        if who is None:
            self._report.lose(message.where, "whose reaction it is, is not in the export")
            return None
        try:
            known = checked_emoji(emoji)
        except ChatError:
            self._report.lose(message.where, f"there is no emoji {emoji[:40]} for a reaction")
            return None
        return Draft(room, who.name, who.id, type="react", target=seq, emoji=known, on=True)

    def _count(self, follower: Draft) -> None:
        report = self._report
        report.edits += follower.type == "edit"
        report.deletions += follower.type == "delete"
        report.reactions += follower.type == "react"


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


def _in_parts(text: str) -> list[str]:
    """The text in parts that are not too long, cut between lines or words where there are any."""
    text = text.replace("\0", "")
    parts = []
    while len(text) * 4 > MAX_TEXT_BYTES and len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        head = text.encode(errors="replace")[:MAX_TEXT_BYTES].decode(errors="ignore")
        cut = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0) or len(head)
        parts.append(text[:cut])
        text = text[cut:].lstrip("\n ")
    return [*parts, text]
