"""Reads the export of a Slack workspace: a ZIP archive with a file of messages for each day.

    users.json                     everybody, also former members and bots
    channels.json  groups.json     public and private channels
    dms.json       mpims.json      conversations of two, and of several people
    general/2024-02-29.json        the messages of a channel of a day, UTC
    D024BE91L/2024-02-29.json      those of a conversation of two, by its id
    __uploads/F024BERPE/plan.pdf   files, in the exports of some programs

Which of these files are there depends on the plan of the workspace and on who exports. A time is
the seconds since 1970 and, after the point, a number that makes it unique in its channel: that is
the id of a message. Files of messages are links that need a secret; the secret is never imported.
"""

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar
from zipfile import is_zipfile

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.model import SystemLine
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.text.shortcodes import emoji_called
from chatapp.text.slack_mrkdwn import as_markdown, unescaped
from chatapp.transfer.import_file import rows_in
from chatapp.transfer.sources.archives import DamagedMember, ZipOfSource
from chatapp.transfer.sources.records import (
    KnownNames,
    LostPart,
    Record,
    SkippedRow,
    SourceFile,
    SourceKind,
    SourceMessage,
    SourcePerson,
    SourceReaction,
    SourceRoom,
)
from chatapp.transfer.sources.slack.values import (
    SlackAttachment,
    SlackChannel,
    SlackFile,
    SlackMessage,
    SlackUser,
)

T = TypeVar("T")

USERS = "users.json"
LISTS: dict[str, SourceKind] = {
    "channels.json": "public",
    "groups.json": "private",
    "mpims.json": "direct",
    "dms.json": "direct",
}
_DAY = re.compile(r"(.+)/(\d{4}-\d{2}-\d{2})\.json")
_TIME = re.compile(r"\d{1,11}(\.\d{1,9})?")
_SLACKBOT = SourcePerson(id="USLACKBOT", name="Slackbot", is_bot=True)
DELETED_TEXT = "This message was deleted."
"""What is left of a message whose thread stayed."""
_TALK = frozenset([None, "thread_broadcast", "reply_broadcast", "bot_message", "file_share",
                   "me_message", "file_comment", "file_mention", "tombstone"])  # fmt: skip
_WITHOUT_PLACE = {
    "channel_purpose": "the change of a channel's purpose",
    "group_purpose": "the change of a channel's purpose",
    "channel_archive": "the archiving of a channel",
    "group_archive": "the archiving of a channel",
    "channel_unarchive": "the reopening of a channel",
    "group_unarchive": "the reopening of a channel",
    "pinned_item": "a pinned message",
    "bot_add": "a change of the bots",
    "bot_remove": "a change of the bots",
}


class SlackExport:
    """An opened export. Raises StorageError for what is none."""

    format = "slack"
    chat = ""
    room_by_room = True

    def __init__(self, path: Path) -> None:
        self._zip = ZipOfSource(path, (USERS, *LISTS))
        self._name = path.name
        if not _is_export(self._zip):
            self._zip.close()
            raise StorageError(f"{path.name} is no export of Slack: it has no {USERS}.")
        self.size = self._zip.size

    def close(self) -> None:
        self._zip.close()

    def open_file(self, path: str) -> BinaryIO:
        return self._zip.open(path)

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """People, then rooms, then the messages of each room by their times."""
        yield _SLACKBOT
        for where, user in self._values(USERS, SlackUser):
            yield _person(user) if isinstance(user, SlackUser) else SkippedRow(where, user)
        folders: dict[str, str] = {}
        for file, kind in LISTS.items():
            for where, channel in self._values(file, SlackChannel):
                if not isinstance(channel, SlackChannel):
                    yield SkippedRow(where, channel)
                    continue
                folders[channel.id] = channel.id
                folders.setdefault(channel.name or channel.id, channel.id)
                yield _room(channel, kind)
        days = self._days()
        for folder, files in days.items():
            if folder not in folders:
                why = "its channel is in none of the lists of the export"
                yield from (SkippedRow(file, why) for file in files)
                continue
            reader = _Channel(folders[folder], names, self._zip)
            for file in sorted(files):
                yield from self._messages(reader, file)
                progress(self._zip.compressed_bytes(file))

    def _days(self) -> dict[str, list[str]]:
        """The files of messages by their folders."""
        days: dict[str, list[str]] = {}
        for name in self._zip.names():
            if found := _DAY.fullmatch(name):
                days.setdefault(found[1], []).append(name)
        return dict(sorted(days.items()))

    def _messages(self, reader: "_Channel", file: str) -> Iterator[Record]:
        messages: list[tuple[float, str, SlackMessage]] = []
        for where, message in self._values(file, SlackMessage):
            if not isinstance(message, SlackMessage):
                yield SkippedRow(where, message)
            elif message.ts is None or not _TIME.fullmatch(message.ts):
                yield SkippedRow(where, "it has no time")
            else:
                messages.append((float(message.ts), where, message))
        messages.sort(key=lambda one: one[0])
        for _, where, message in messages:
            yield from reader.records(where, message)

    def _values(self, file: str, type: type[T]) -> Iterator[tuple[str, T | str]]:
        """The objects of a file, or why one is none, each with its place."""
        if file not in self._zip:
            return
        try:
            data = self._zip.read(file)
        except DamagedMember as error:
            yield file, str(error)
            return
        with suppress(msgspec.DecodeError):
            whole: list[T] = msgspec.json.decode(data, type=list[type])  # type: ignore[valid-type]
            yield from ((f"{file}, row {number}", one) for number, one in enumerate(whole, 1))
            return
        try:
            rows = rows_in(data)
        except (ValueError, TypeError, RecursionError) as error:
            yield file, f"a file is no JSON array ({str(error)[:80]})"
            return
        for number, row in enumerate(rows, 1):
            try:
                yield f"{file}, row {number}", msgspec.json.decode(row, type=type)
            except (msgspec.DecodeError, RecursionError) as error:
                yield f"{file}, row {number}", f"it is no {_called(type)} ({str(error)[:80]})"


def is_slack_export(path: Path) -> bool:
    if not is_zipfile(path):
        return False
    with suppress(StorageError), closing(ZipOfSource(path, (USERS, *LISTS))) as archive:
        return _is_export(archive)
    return False


def _is_export(archive: ZipOfSource) -> bool:
    return USERS in archive and any(list in archive for list in LISTS)


class _Channel:
    """Makes records of the messages of one channel. People who are in no list are told of first."""

    def __init__(self, id: str, names: KnownNames, archive: ZipOfSource) -> None:
        self._id = id
        self._names = names
        self._zip = archive

    def records(self, where: str, message: SlackMessage) -> Iterator[Record]:
        subtype = message.subtype
        if message.type not in (None, "message"):
            yield SkippedRow(where, f"a {message.type[:40]!r} is no message")
            return
        if (what := _WITHOUT_PLACE.get(subtype or "")) is not None:
            yield SkippedRow(where, f"{what} has no place here")
            return
        sender = _sender(message)
        if sender is None:
            yield SkippedRow(where, "it does not say who wrote it")
            return
        if self._names.person(sender.id) is None:
            yield sender
        for reaction in message.reactions or ():
            if len(reaction.users) < (reaction.count or 0):
                yield LostPart(where, "the export does not name everybody who reacted")
            yield from (
                SourcePerson(id=user, name=user, is_deleted=True)
                for user in reaction.users
                if self._names.person(user) is None
            )
        made = self._made(where, message, sender.id)
        if made.text or made.files:
            yield made
        else:
            what = f"a {subtype[:40]}" if subtype else "it"
            yield SkippedRow(where, f"{what} has no text")

    def _made(self, where: str, message: SlackMessage, sender: str) -> SourceMessage:
        ts = message.ts or ""
        is_reply = message.thread_ts is not None and message.thread_ts != ts
        system = None
        if message.subtype in _TALK:
            text = self._text(message)
        else:
            system, news = _line(message)
            text = f"{self._names.person(sender)} {news}" if system else self._text(message)
        return SourceMessage(
            ts,
            self._id,
            sender,
            _moment(ts),
            text,
            where,
            thread=message.thread_ts if is_reply else None,
            also_to_room=message.subtype in ("thread_broadcast", "reply_broadcast"),
            reply_to=self._shown(message),
            edited_at=_edited_at(message),
            is_deleted=message.subtype == "tombstone",
            system=system,
            reactions=_reactions(message),
            files=self._files(message),
        )

    def _shown(self, message: SlackMessage) -> str | None:
        """The message of this channel that is shown below this one."""
        for one in message.attachments or ():
            if one.is_msg_unfurl and one.channel_id == self._id and isinstance(one.ts, str):
                return one.ts if one.ts != message.ts else None
        return None

    def _text(self, message: SlackMessage) -> str:
        text = as_markdown(message.text or "", self)
        if message.subtype == "tombstone":
            return text or DELETED_TEXT
        if message.subtype == "me_message" and text:
            text = f"_{text}_"
        if not message.attachments:
            return text
        shown = (self._attachment(each) for each in message.attachments)
        return "\n".join(filter(None, [text, *shown]))

    def _attachment(self, attachment: SlackAttachment) -> str:
        if attachment.from_url or attachment.is_msg_unfurl:
            return ""
        title = as_markdown(attachment.title or "", self)
        if title and attachment.title_link:
            title = as_markdown(f"<{attachment.title_link}|{attachment.title}>", self)
        parts = [as_markdown(part or "", self) for part in (attachment.pretext, attachment.text)]
        if title or any(parts):
            return "\n".join(filter(None, [parts[0], title, parts[1]]))
        return unescaped(attachment.fallback or "")

    # What stands in a text for people and rooms (SlackNames)

    def person(self, id: str, label: str) -> str:
        return f"@{self._names.person(id) or label.removeprefix('@') or id}"

    def room(self, id: str, label: str) -> str:
        return f"#{self._names.room(id) or label or id}"

    def everyone(self, _word: str) -> str:
        return "@room"

    def _files(self, message: SlackMessage) -> list[SourceFile] | None:
        files = [*(message.files or ()), *([message.file] if message.file else ())]
        if not files:
            return None
        return [self._file(file) for file in files if file.mode != "tombstone"]

    def _file(self, file: SlackFile) -> SourceFile:
        name = unescaped(file.name or file.title or "file")
        path = f"__uploads/{file.id}/{file.name}"
        link = file.permalink or ""
        is_plain = link.startswith("https://") and "?" not in link
        return SourceFile(
            file.id, name, path if path in self._zip else "", link if is_plain else ""
        )


def _person(user: SlackUser) -> SourcePerson:
    profile = user.profile
    shown = (profile and (profile.display_name or profile.real_name)) or user.real_name or ""
    return SourcePerson(
        id=user.id,
        name=user.name or (profile and profile.display_name) or user.id,
        display_name=shown,
        email=(profile and profile.email) or "",
        is_bot=bool(user.is_bot),
        is_deleted=bool(user.deleted),
    )


def _room(channel: SlackChannel, kind: SourceKind) -> SourceRoom:
    topic = (channel.topic and channel.topic.value) or (channel.purpose and channel.purpose.value)
    created = None
    with suppress(ValueError, OverflowError, OSError):
        created = channel.created and timestamp(datetime.fromtimestamp(channel.created, UTC))
    return SourceRoom(
        id=channel.id,
        name=channel.name or channel.id,
        kind=kind,
        topic=unescaped(topic or ""),
        members=list(dict.fromkeys(channel.members or ())),
        created_at=created or None,
        created_by=channel.creator,
        is_archived=bool(channel.is_archived),
        is_general=bool(channel.is_general),
    )


def _sender(message: SlackMessage) -> SourcePerson | None:
    """Who wrote it, as far as the message says."""
    if message.user:
        profile = message.user_profile
        name = (profile and (profile.display_name or profile.real_name)) or message.user
        return SourcePerson(id=message.user, name=name, is_deleted=profile is None)
    if message.bot_id or message.username:
        name = message.username or message.bot_id or ""
        return SourcePerson(id=message.bot_id or f"bot:{name}", name=name, is_bot=True)
    return None


def _line(message: SlackMessage) -> tuple[SystemLine | None, str]:
    """What happened in the room, and the rest of its sentence; None for what is no such line."""
    _, _, what = (message.subtype or "").partition("_")
    match what:
        case "join":
            return SystemLine(what="joined"), "joined"
        case "leave":
            return SystemLine(what="left"), "left"
        case "topic":
            topic = unescaped(message.topic or "")
            news = f"changed the topic to “{topic}”" if topic else "cleared the topic"
            return SystemLine(what="topic"), news
        case "name" if message.name:
            return SystemLine(what="renamed"), f"renamed the room to “{message.name}”"
    return None, ""


def _reactions(message: SlackMessage) -> list[SourceReaction] | None:
    if not message.reactions:
        return None
    return [
        SourceReaction(emoji_called(reaction.name) or f":{reaction.name}:", user)
        for reaction in message.reactions
        for user in reaction.users
    ]


def _edited_at(message: SlackMessage) -> str | None:
    ts = message.edited and message.edited.ts
    return _moment(ts) if ts and _TIME.fullmatch(ts) else None


def _moment(ts: str) -> str:
    return timestamp(datetime.fromtimestamp(float(ts), UTC))


def _called(type: Any) -> str:
    return {SlackUser: "user", SlackChannel: "channel"}.get(type, "message")
