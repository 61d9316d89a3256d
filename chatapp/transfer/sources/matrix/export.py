"""Reads a room of Matrix, as Element exports it in JSON: the file, or the ZIP archive with it.

    {"room_name": …, "room_creator": "@ana:acme.test", "topic": …, "export_date": …,
     "messages": [{"type": "m.room.message", "event_id": "$…", "content": {…}, …}, …]}

An edit, a reaction and a redaction are events of their own, behind their message, so the file is
read twice: first for these, then for the messages. What the exporter could not decrypt is skipped.
"""

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import is_zipfile

import msgspec

from chatapp.domain.clock import moment_of, timestamp
from chatapp.domain.model import SystemLine
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.transfer.sources.archives import DamagedMember, files_of_source
from chatapp.transfer.sources.json_stream import JsonStream
from chatapp.transfer.sources.matrix.changes import ChangesOfRoom, MatrixChanges
from chatapp.transfer.sources.matrix.media import FOLDERS, MatrixMedia
from chatapp.transfer.sources.matrix.values import MatrixEvent, MatrixHead
from chatapp.transfer.sources.media_folder import NO_MEDIA, MediaFolder
from chatapp.transfer.sources.outside_code import outside_code
from chatapp.transfer.sources.records import (
    KnownNames,
    Record,
    SkippedRow,
    SourceFile,
    SourceMessage,
    SourcePerson,
    SourceReaction,
    SourceRoom,
)
from chatapp.transfer.sources.sorting import by_room_and_time

MESSAGES = "messages"
ROOM_FILE = "export.json"
"""In Element's archive, beside the folders of files."""
_HEAD_BYTES = 64 * 1024
_PERSON = re.compile(r"@[a-z0-9._=/+-]{1,200}:[a-zA-Z0-9.:-]{1,200}[a-zA-Z0-9]")
_QUOTED = re.compile(r"\A(?:> .*\n)+\n")
"""What clients repeat of the message that is answered."""
_RELATED = frozenset(["m.annotation", "m.replace"])
_NO_NEWS = frozenset(["m.reaction", "m.room.redaction"])
DELETED_TEXT = "This message was deleted."


class MatrixExport:
    """An opened export. Raises StorageError for what is none."""

    format = "matrix"
    chat = ""
    room_by_room = True

    def __init__(self, path: Path, media: MediaFolder = NO_MEDIA) -> None:
        self._files = files_of_source(path, (ROOM_FILE,))
        names = self._files.names(".json")
        found = next(filter(None, map(self._found, names)), None)
        if found is None:
            self.close()
            raise StorageError(f"{path.name} is no room that Element has exported as JSON.")
        self._name, self._head = found
        self._folder = media
        self._media = MatrixMedia(self._files, media)
        self.size = 2 * self._files.size_of(self._name)

    def close(self) -> None:
        self._files.close()

    def open_file(self, path: str) -> BinaryIO:
        return self._files.open(path) if path in self._files else self._folder.open(path)

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """People, the room, and its messages by their times."""
        with closing(ChangesOfRoom(scratch)) as changes:
            before = _WhatFollows(changes)
            for value, size in self._values():
                before.see(value)
                progress(size)
            yield from before.people()
            yield self._room(before)
            yield from by_room_and_time(self._messages(before, names, progress), scratch)

    def _messages(
        self, before: "_WhatFollows", names: KnownNames, progress: Progress
    ) -> Iterator[Record]:
        reader = _MatrixRoom(before, names, self._media)
        number = 0
        try:
            for number, (value, size) in enumerate(self._read(), 1):
                yield from reader.records(f"event {number}", value)
                progress(size)
        except DamagedMember as error:
            yield SkippedRow(f"after event {number}", str(error))

    def _room(self, before: "_WhatFollows") -> SourceRoom:
        return SourceRoom(
            id=before.room or self._head.room_name,
            name=self._head.room_name,
            kind="private",
            topic=self._head.topic or "",
            members=before.members(),
            created_by=self._head.room_creator,
        )

    def _values(self) -> Iterator[tuple[Any, int]]:
        with suppress(DamagedMember):  # The second time says it.
            yield from self._read()

    def _read(self) -> Iterator[tuple[Any, int]]:
        with closing(self._files.open(self._name)) as file:
            yield from JsonStream(file).elements(MESSAGES)

    def _found(self, name: str) -> tuple[str, MatrixHead] | None:
        with (
            suppress(DamagedMember, msgspec.ValidationError),
            closing(self._files.open(name)) as file,
        ):
            return name, msgspec.convert(JsonStream(file).head(MESSAGES), MatrixHead)
        return None


def is_matrix_export(path: Path) -> bool:
    if not is_zipfile(path):
        with path.open("rb") as file:
            start = file.read(_HEAD_BYTES)
        return start.lstrip().startswith(b"{") and b'"room_creator"' in start
    with suppress(StorageError), closing(MatrixExport(path)):
        return True
    return False


class _WhatFollows:
    """What is known of a room before its messages are read: its people, and the `changes` of its
    messages."""

    def __init__(self, changes: ChangesOfRoom) -> None:
        self.room: str | None = None
        self.changes = changes
        self._names: dict[str, str] = {}
        self._members: dict[str, bool] = {}

    def see(self, value: object) -> None:
        with suppress(msgspec.ValidationError):
            self._see(msgspec.convert(value, MatrixEvent))

    def _see(self, event: MatrixEvent) -> None:
        self.room = self.room or event.room_id
        self._members.setdefault(event.sender, True)
        self._names.setdefault(event.sender, "")
        content, about = event.content, event.about
        match event.type:
            case "m.room.member" if event.state_key:
                self._members[event.state_key] = content.membership == "join"
                if content.displayname or event.state_key not in self._names:
                    self._names[event.state_key] = content.displayname or ""
            case "m.room.redaction" if redacted := content.redacts or event.redacts:
                self.changes.redact(redacted)
            case "m.reaction" if about and content.relates_to and content.relates_to.key:
                reaction = SourceReaction(content.relates_to.key, event.sender, _moment(event))
                self.changes.react(event.event_id, about, reaction)
            case "m.room.message" if event.relation == "m.replace":
                if about and content.new_content and content.new_content.body is not None:
                    self.changes.edit(about, content.new_content.body, _moment(event))
            case "m.room.message":
                for id in filter(None, {about, event.answered}):
                    self.changes.refer(id)

    def people(self) -> Iterator[SourcePerson]:
        for id, shown in self._names.items():
            name = id.removeprefix("@").partition(":")[0]
            yield SourcePerson(id=id, name=name or id, display_name=shown)

    def members(self) -> list[str]:
        return [id for id, is_there in self._members.items() if is_there]


class _MatrixNews(NamedTuple):
    """What an event says, or `why` it says nothing here."""

    text: str = ""
    system: SystemLine | None = None
    file: SourceFile | None = None
    why: str = ""


class _MatrixRoom:
    """Makes records of the events of a room."""

    def __init__(self, before: _WhatFollows, names: KnownNames, media: MatrixMedia) -> None:
        self._before = before
        self._names = names
        self._media = media
        self._inside: set[str] = set()
        """Members, so that a new name is no arrival."""

    def records(self, where: str, value: object) -> Iterator[Record]:
        try:
            event = msgspec.convert(value, MatrixEvent)
            at = _moment(event)
        except (msgspec.ValidationError, OverflowError, ValueError, OSError) as error:
            yield SkippedRow(where, f"it is no event ({str(error)[:80]})")
            return
        if event.type in _NO_NEWS or event.relation in _RELATED:
            return
        said, changes = self._said(event), self._before.changes.of(event.event_id)
        if changes.is_redacted and not said.text:
            is_needed = changes.is_root
            said = _MatrixNews(DELETED_TEXT) if is_needed else _MatrixNews(why="it was deleted")
        if said.text or said.file:
            yield self._message(where, event, at, said=said, changes=changes)
        else:
            yield SkippedRow(where, said.why or "it has no text")

    def _message(
        self, where: str, event: MatrixEvent, at: str, *, said: _MatrixNews, changes: MatrixChanges
    ) -> SourceMessage:
        relation, edit = event.content.relates_to, changes.edit
        is_in_thread = event.relation == "m.thread"
        is_falling_back = is_in_thread and relation is not None and relation.is_falling_back
        return SourceMessage(
            event.event_id,
            self._before.room or event.room_id or "",
            event.sender,
            at,
            self._here(edit.text) if edit and not said.system else said.text,
            where,
            thread=event.about if is_in_thread else None,
            reply_to=None if is_falling_back else event.answered,
            is_root=changes.is_root,
            edited_at=edit.at if edit else None,
            is_deleted=changes.is_redacted,
            system=said.system,
            reactions=list(changes.reactions) or None,
            files=[said.file] if said.file else None,
        )

    def _said(self, event: MatrixEvent) -> "_MatrixNews":
        content, sender = event.content, self._names.person(event.sender) or event.sender
        match event.type:
            case "m.room.message" | "m.sticker":
                return self._news(event)
            case "m.room.member" if event.state_key:
                return self._member(event.state_key, content.membership)
            case "m.room.topic":
                topic = content.topic
                news = f"changed the topic to “{topic}”" if topic else "cleared the topic"
                return _MatrixNews(f"{sender} {news}", SystemLine(what="topic"))
            case "m.room.name" if content.name:
                news = f"renamed the room to “{content.name}”"
                return _MatrixNews(f"{sender} {news}", SystemLine(what="renamed"))
            case "m.room.encrypted":
                return _MatrixNews(why="the exporter could not decrypt it")
        return _MatrixNews(why=f"a {event.type[:40]!r} has no place here")

    def _news(self, event: MatrixEvent) -> "_MatrixNews":
        """A text, or a file with a text. A sticker without its picture is what it is called."""
        content, is_sticker = event.content, event.type == "m.sticker"
        if not is_sticker and content.msgtype not in FOLDERS:
            return _MatrixNews(self._text(event))
        path = self._media.path_of(event)
        if is_sticker and not path:
            return _MatrixNews(self._text(event))
        name = content.filename or content.body or "file"
        file = SourceFile(event.event_id, name, path)
        return _MatrixNews("" if is_sticker else self._text(event), file=file)

    def _member(self, id: str, membership: str | None) -> "_MatrixNews":
        name = self._names.person(id) or id
        if membership == "join" and id not in self._inside:
            self._inside.add(id)
            return _MatrixNews(f"{name} joined", SystemLine(what="joined"))
        if membership in ("leave", "ban") and id in self._inside:
            self._inside.discard(id)
            return _MatrixNews(f"{name} left", SystemLine(what="left"))
        return _MatrixNews(why="a change of a member has no place here")

    def _text(self, event: MatrixEvent) -> str:
        content = event.content
        if content.msgtype in FOLDERS and content.filename in (None, content.body):
            return ""
        text = content.body or ""
        if event.answered:
            text = _QUOTED.sub("", text)
        text = self._here(text)
        return f"_{text}_" if content.msgtype == "m.emote" and text else text

    def _here(self, text: str) -> str:
        if "@" not in text:
            return text
        return outside_code(text, lambda plain: _PERSON.sub(self._mention, plain))

    def _mention(self, found: re.Match[str]) -> str:
        here = self._names.person(found[0])
        return f"@{here}" if here else found[0]


def _moment(event: MatrixEvent) -> str:
    return timestamp(moment_of(event.origin_server_ts))
