"""Reads what DiscordChatExporter writes as JSON: one file for each channel, or a ZIP of them.

    {"guild": {…}, "channel": {"id": …, "type": "GuildTextChat", …}, "messages": [{…}, …]}

A thread is a channel there, in a file of its own; its id is that of the message that it hangs on.
If its channel is in the same archive, it becomes a thread here. The messages of several files of a
channel are sorted. Files of messages are in the archive if they were exported as well.
"""

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote
from zipfile import is_zipfile

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.transfer.sources.archives import (
    DamagedMember,
    FileOfSource,
    ZipOfSource,
    files_of_source,
)
from chatapp.transfer.sources.discord.texts import DiscordTexts, line_of
from chatapp.transfer.sources.discord.values import (
    DiscordAttachment,
    DiscordHead,
    DiscordMessage,
    DiscordReaction,
    DiscordUser,
)
from chatapp.transfer.sources.json_stream import PART_BYTES, JsonStream
from chatapp.transfer.sources.records import (
    KnownNames,
    LostPart,
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
DELETED_USER = "456226577798135808"
_TALK = frozenset(["Default", "Reply", "20", "23", "ChatInputCommand", "ContextMenuCommand"])
_THREAD_BEGAN = frozenset(["18", "ThreadCreated"])
_REPEATED = frozenset(["21", "ThreadStarterMessage"])
_REFERENCE = re.compile(rb'"messageId"\s*:\s*"(\d{1,20})"')
_OVERLAP_BYTES = 100
_HEAD_BYTES = 64 * 1024


class DiscordExport:
    """An opened export. Raises StorageError for what is none."""

    format = "discord"
    chat = ""
    room_by_room = True

    def __init__(self, path: Path) -> None:
        self._files = files_of_source(path)
        names = sorted(self._files.names(".json"))
        self._heads = {name: head for name in names if (head := self._head(name))}
        if not self._heads:
            self.close()
            raise StorageError(f"{path.name} has no channel of a DiscordChatExporter.")
        self._channels = {head.channel.id for head in self._heads.values()}
        self.size = sum(map(self._files.size_of, self._heads))

    def close(self) -> None:
        self._files.close()

    def open_file(self, path: str) -> BinaryIO:
        return self._files.open(path)

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """Rooms, then the messages of each room by their times."""
        rooms = {
            head.channel.id: name for name, head in self._heads.items() if not self._is_inside(head)
        }
        people: dict[str, list[str]] = {}
        for id, name in rooms.items():
            if self._heads[name].channel.type.startswith("Direct"):
                people[id] = []
                yield from self._authors(name, people[id])
        yield from (_room(self._heads[name], people.get(id)) for id, name in rooms.items())
        messages = self._messages(names, progress)
        is_in_order = len(rooms) == len(self._heads)
        yield from messages if is_in_order else by_room_and_time(messages, scratch)

    def _messages(self, names: KnownNames, progress: Progress) -> Iterator[Record]:
        answered = self._answered()
        for name, head in self._heads.items():
            reader = _DiscordChannel(
                head, self._is_inside(head), names, self._beside(name), answered
            )
            number = 0
            try:
                with closing(self._files.open(name)) as file:
                    values = JsonStream(file).elements(MESSAGES)
                    for number, (message, size) in enumerate(values, 1):
                        yield from reader.records(f"{name}, message {number}", message)
                        progress(size)
            except DamagedMember as error:
                yield SkippedRow(f"{name} after message {number}", str(error))

    def _authors(self, name: str, ids: list[str]) -> Iterator[Record]:
        """Those who write in a conversation; it does not say who else is in it."""
        with suppress(DamagedMember), closing(self._files.open(name)) as file:
            for value, _ in JsonStream(file).elements(MESSAGES):
                with suppress(msgspec.ValidationError):
                    author = msgspec.convert(value, DiscordMessage).author
                    if author.id not in ids:
                        ids.append(author.id)
                        yield _person(author)

    def _is_inside(self, head: DiscordHead) -> bool:
        """Whether it is a thread of a channel that is here, too."""
        channel = head.channel
        return channel.type.endswith("Thread") and channel.category_id in self._channels

    def _answered(self) -> set[int]:
        """The ids of messages to which others refer, as numbers: there may be very many."""
        threads = (head.channel.id for head in self._heads.values() if self._is_inside(head))
        ids = {int(id) for id in threads if id.isdecimal()}
        for name in self._heads:
            with suppress(DamagedMember), closing(self._files.open(name)) as file:
                rest = b""
                while part := file.read(PART_BYTES):
                    ids.update(map(int, _REFERENCE.findall(rest + part)))
                    rest = part[-_OVERLAP_BYTES:]
        return ids

    def _beside(self, name: str) -> "_FilesBeside":
        folder = name.rpartition("/")[0]
        return _FilesBeside(f"{folder}/" if folder else "", self._files)

    def _head(self, name: str) -> DiscordHead | None:
        with (
            suppress(DamagedMember, OSError, msgspec.ValidationError),
            self._files.open(name) as file,
        ):
            return msgspec.convert(JsonStream(file).head(MESSAGES), DiscordHead)
        return None


def is_discord_export(path: Path) -> bool:
    if not is_zipfile(path):
        with path.open("rb") as file:
            start = file.read(_HEAD_BYTES)
        return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"guild"' in start
    with suppress(StorageError), closing(DiscordExport(path)):
        return True
    return False


class _FilesBeside:
    """The files beside one with messages."""

    def __init__(self, folder: str, files: ZipOfSource | FileOfSource) -> None:
        self._folder = folder
        self._files = files

    def place_of(self, attachment: DiscordAttachment) -> str:
        """Where its bytes are in the archive; empty if they are not."""
        name = self._folder + unquote(attachment.url).replace("\\", "/")
        return name if name in self._files else ""


class _DiscordChannel:
    """Makes records of the messages of one file. People are told of before they say something."""

    def __init__(
        self,
        head: DiscordHead,
        is_thread: bool,
        names: KnownNames,
        beside: _FilesBeside,
        answered: set[int],
    ) -> None:
        channel = head.channel
        self._room = (channel.category_id or "") if is_thread else channel.id
        self._thread = channel.id if is_thread else None
        self._names = names
        self._texts = DiscordTexts(names)
        self._beside = beside
        self._answered = answered

    def records(self, where: str, value: object) -> Iterator[Record]:
        try:
            message = msgspec.convert(value, DiscordMessage)
            at = _moment(message.timestamp)
            edited_at = _moment(message.timestamp_edited) if message.timestamp_edited else None
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            yield SkippedRow(where, f"it is no message ({str(error)[:80]})")
            return
        if message.type in _REPEATED:
            yield SkippedRow(where, "it repeats the message that its thread hangs on")
            return
        yield from self._people(where, message)
        made = self._made(where, message, at, edited_at)
        yield made or SkippedRow(where, _why_not(message))

    def _people(self, where: str, message: DiscordMessage) -> Iterator[Record]:
        people = [message.author, *message.mentions]
        for reaction in message.reactions:
            people += reaction.users
            if len(reaction.users) < reaction.count:
                yield LostPart(where, "the export does not name everybody who reacted")
        yield from (_person(each) for each in people if self._names.person(each.id) is None)

    def _made(
        self, where: str, message: DiscordMessage, at: str, edited_at: str | None
    ) -> SourceMessage | None:
        sender = self._names.person(message.author.id) or message.author.name
        id, reference = message.id, message.reference
        system, text = line_of(message, sender)
        if message.type in _THREAD_BEGAN:
            text = message.content
            id = (reference and reference.channel_id) or id
        elif message.type in _TALK:
            text = self._texts.markdown(message)
        files = [self._file(each) for each in message.attachments]
        if not text and not files:
            return None
        return SourceMessage(
            id,
            self._room,
            message.author.id,
            at,
            text,
            where,
            thread=self._thread if id != self._thread else None,
            reply_to=reference.message_id if reference and message.type == "Reply" else None,
            is_root=id.isdecimal() and int(id) in self._answered,
            edited_at=edited_at,
            system=system,
            reactions=[each for one in message.reactions for each in _reactions(one)] or None,
            files=files or None,
        )

    def _file(self, attachment: DiscordAttachment) -> SourceFile:
        place = self._beside.place_of(attachment)
        return SourceFile(attachment.id, attachment.file_name, place)


def _why_not(message: DiscordMessage) -> str:
    if message.type in _TALK:
        return "it has no text"
    return f"a {message.type[:40]!r} has no place here"


def _person(user: DiscordUser) -> SourcePerson:
    return SourcePerson(
        id=user.id,
        name=user.name,
        display_name=user.nickname or "",
        is_bot=user.is_bot,
        is_deleted=user.id == DELETED_USER,
    )


def _room(head: DiscordHead, members: list[str] | None) -> SourceRoom:
    channel = head.channel
    return SourceRoom(
        id=channel.id,
        name=channel.name,
        kind="private" if members is None else "direct",
        topic=channel.topic or "",
        members=members,
    )


def _reactions(reaction: DiscordReaction) -> Iterator[SourceReaction]:
    emoji = reaction.emoji
    shown = f":{emoji.name}:" if emoji.id else emoji.name
    return (SourceReaction(shown, user.id) for user in reaction.users)


def _moment(time: str) -> str:
    moment = datetime.fromisoformat(time)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return timestamp(moment)
