"""Reads the export of a Zulip organization: a compressed TAR archive.

    acme/realm.json                   people, channels, who is in them, reactions
    acme/messages-000001.json         a thousand messages each, in the order of their ids
    acme/uploads/1/ab/…/plan.pdf      their bytes

A topic of a channel is a thread here: its first message has the topic's name above its text, and
the others answer it.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.text.shortcodes import emoji_called
from chatapp.transfer.sources.archives import DamagedMember
from chatapp.transfer.sources.json_stream import JsonStream
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
from chatapp.transfer.sources.tar_archive import TarOfSource, is_tar_gz
from chatapp.transfer.sources.zulip.texts import ZulipTexts
from chatapp.transfer.sources.zulip.values import (
    ZulipChannel,
    ZulipMessage,
    ZulipReaction,
    ZulipRecipient,
    ZulipSubscription,
    ZulipUser,
)

T = TypeVar("T")

REALM = "realm.json"
UPLOADS = "uploads/"
_PERSON, _CHANNEL, _GROUP = 1, 2, 3
_USERS = ("zerver_userprofile", "zerver_userprofile_mirrordummy", "zerver_userprofile_crossrealm")


class ZulipExport:
    """Raises StorageError for what is no export, as soon as it is read."""

    format = "zulip"
    chat = ""
    room_by_room = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tar: TarOfSource | None = None
        self.size = path.stat().st_size

    def close(self) -> None:
        if self._tar:
            self._tar.close()

    def open_file(self, path: str) -> BinaryIO:
        if self._tar is None:
            raise DamagedMember("the archive is not open")
        return self._tar.open(path)

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """People, rooms, then messages by their ids, which are in the order of their times."""
        self._tar = tar = TarOfSource(self._path, scratch)
        files = [name for name in tar.names() if name.startswith("messages-")]
        if REALM not in tar:
            raise StorageError(f"{self._path.name} is no export of Zulip: it has no {REALM}.")
        self.chat = _organization(tar)
        realm = _Realm(names, tar)
        with closing(tar.open(REALM)) as file:
            yield from realm.read(file)
        done = 0
        for number, name in enumerate(files, 1):
            row = 0
            try:
                with closing(tar.open(name)) as file:
                    for row, (value, _) in enumerate(_messages(file), 1):
                        yield from realm.message(f"{name}, message {row}", value)
            except DamagedMember as error:
                yield SkippedRow(f"{name} after message {row}", str(error))
            progress(self.size * number // len(files) - done)
            done = self.size * number // len(files)


def is_zulip_export(path: Path) -> bool:
    """Every compressed TAR archive is taken for one, until it is opened."""
    return is_tar_gz(path)


def _organization(tar: TarOfSource) -> str:
    """Ids count from 1 in each installation, so two organizations have the same ones."""
    with suppress(DamagedMember), closing(tar.open(REALM)) as file:
        for table, value, _ in JsonStream(file).rows():
            if table == "zerver_realm" and isinstance(value, dict):
                return str(value.get("uuid") or value.get("string_id") or "")
    return ""


def _messages(file: BinaryIO) -> Iterator[tuple[Any, int]]:
    return JsonStream(file).elements("zerver_message")


class _Realm:
    """People, channels and conversations, and who gets what is sent to whom."""

    def __init__(self, names: KnownNames, tar: TarOfSource) -> None:
        self._names = names
        self._tar = tar
        self._texts = ZulipTexts(lambda id: names.person(str(id)), self._room_called)
        self._recipients: dict[int, ZulipRecipient] = {}
        self._members: dict[int, list[int]] = {}
        self._channels: dict[int, ZulipChannel] = {}
        self._reactions: dict[int, list[SourceReaction]] = {}
        self._rooms: set[str] = set()
        self._topics: dict[tuple[int, str], str] = {}
        """The id of the first message of each topic."""

    def read(self, file: BinaryIO) -> Iterator[Record]:
        try:
            for number, (table, value, _) in enumerate(JsonStream(file).rows(), 1):
                where = f"{REALM}, {table}, row {number}"
                try:
                    yield from self._row(table, value)
                except msgspec.ValidationError as error:
                    yield SkippedRow(where, f"it cannot be read ({str(error)[:80]})")
        except DamagedMember as error:
            yield SkippedRow(REALM, str(error))
        by_channel = {
            one.type_id: one.id for one in self._recipients.values() if one.type == _CHANNEL
        }
        for channel in self._channels.values():
            yield _room(channel, self._members.get(by_channel.get(channel.id, 0), []))

    def _row(self, table: str, value: object) -> Iterator[Record]:
        match table:
            case _ if table in _USERS:
                user = msgspec.convert(value, ZulipUser)
                self._texts.ids.setdefault(user.full_name, user.id)
                yield _person(user)
            case "zerver_stream":
                channel = msgspec.convert(value, ZulipChannel)
                self._channels[channel.id] = channel
            case "zerver_recipient":
                recipient = msgspec.convert(value, ZulipRecipient)
                self._recipients[recipient.id] = recipient
            case "zerver_subscription":
                subscription = msgspec.convert(value, ZulipSubscription)
                if subscription.active:
                    members = self._members.setdefault(subscription.recipient, [])
                    members.append(subscription.user_profile)
            case "zerver_reaction":
                reaction = msgspec.convert(value, ZulipReaction)
                made = SourceReaction(_emoji(reaction), str(reaction.user_profile))
                self._reactions.setdefault(reaction.message, []).append(made)

    def message(self, where: str, value: object) -> Iterator[Record]:
        try:
            message = msgspec.convert(value, ZulipMessage)
            at = _moment(message.date_sent)
            edited = message.last_edit_time
            edited_at = _moment(edited) if edited else None
        except (msgspec.ValidationError, ValueError, OverflowError, OSError) as error:
            yield SkippedRow(where, f"it is no message ({str(error)[:80]})")
            return
        recipient = self._recipients.get(message.recipient)
        if recipient is None:
            yield SkippedRow(where, "nothing says to whom it was sent")
            return
        if self._names.person(str(message.sender)) is None:
            yield SourcePerson(id=str(message.sender), name=str(message.sender), is_deleted=True)
        room = f"channel {recipient.type_id}"
        if recipient.type != _CHANNEL:
            members = self._people(message.sender, recipient)
            room = "direct " + " ".join(map(str, members))
            if room not in self._rooms:
                self._rooms.add(room)
                ids = [str(id) for id in members]
                yield SourceRoom(id=room, name=", ".join(ids), kind="direct", members=ids)
        text, uploads = self._texts.markdown(message.content)
        thread = self._thread(message, recipient)
        if thread is None and recipient.type == _CHANNEL and message.subject:
            text = f"**{message.subject}**\n{text}".rstrip()
        files = [self._file(name, path) for name, path in uploads]
        if not text and not files:
            yield SkippedRow(where, "it has no text")
            return
        yield SourceMessage(
            str(message.id),
            room,
            str(message.sender),
            at,
            text,
            where,
            thread=thread,
            is_root=thread is None and recipient.type == _CHANNEL,
            edited_at=edited_at,
            reactions=self._reactions.pop(message.id, None),
            files=files or None,
        )

    def _thread(self, message: ZulipMessage, recipient: ZulipRecipient) -> str | None:
        """The first message of its topic; None if it is that itself."""
        if recipient.type != _CHANNEL or not message.subject:
            return None
        topic = recipient.id, message.subject.casefold()
        first = self._topics.setdefault(topic, str(message.id))
        return None if first == str(message.id) else first

    def _people(self, sender: int, recipient: ZulipRecipient) -> list[int]:
        if recipient.type == _PERSON:
            return sorted({sender, recipient.type_id})
        return sorted({sender, *self._members.get(recipient.id, ())})

    def _room_called(self, name: str) -> str | None:
        ids = (one.id for one in self._channels.values() if one.name == name)
        id = next(ids, None)
        return None if id is None else self._names.room(f"channel {id}")

    def _file(self, name: str, path: str) -> SourceFile:
        inside = UPLOADS + path
        return SourceFile(
            path, name or path.rpartition("/")[2], inside if inside in self._tar else ""
        )


def _person(user: ZulipUser) -> SourcePerson:
    email = user.delivery_email or user.email
    return SourcePerson(
        id=str(user.id),
        name=user.full_name or email.partition("@")[0] or str(user.id),
        email="" if user.is_bot else email,
        is_bot=user.is_bot,
        is_deleted=not user.is_active,
    )


def _room(channel: ZulipChannel, members: list[int]) -> SourceRoom:
    created = None
    if channel.date_created:
        with suppress(ValueError, OverflowError, OSError):
            created = _moment(channel.date_created)
    return SourceRoom(
        id=f"channel {channel.id}",
        name=channel.name,
        kind="private" if channel.invite_only else "public",
        topic=channel.description,
        members=[str(id) for id in members],
        created_at=created,
        is_archived=channel.deactivated,
    )


def _emoji(reaction: ZulipReaction) -> str:
    if reaction.reaction_type == "unicode_emoji":
        with suppress(ValueError, OverflowError):
            return "".join(chr(int(code, 16)) for code in reaction.emoji_code.split("-"))
    return emoji_called(reaction.emoji_name) or f":{reaction.emoji_name}:"


def _moment(seconds: float) -> str:
    return timestamp(datetime.fromtimestamp(seconds, UTC))
