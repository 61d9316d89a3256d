"""Reads collections of Rocket.Chat: a ZIP archive of what mongoexport writes, JSON Lines.

    users.json                        people, also bots
    rocketchat_room.json              rooms and conversations
    rocketchat_subscription.json      who is in which room; may be missing
    rocketchat_message.json           messages in any order; they are sorted
    uploads/aP3x…                     files, by their ids; also in a folder beside the archive

An edit is in its message. What was deleted is not in the database.
"""

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO, TypeVar
from zipfile import is_zipfile

import msgspec

from chatapp.domain.model import SystemLine
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.text.shortcodes import emoji_called
from chatapp.transfer.sources.archives import DamagedMember, ZipOfSource
from chatapp.transfer.sources.line_reading import bounded_lines
from chatapp.transfer.sources.media_folder import NO_MEDIA, MediaFolder, is_media_id
from chatapp.transfer.sources.outside_code import outside_code
from chatapp.transfer.sources.records import (
    KnownNames,
    Record,
    SkippedRow,
    SourceFile,
    SourceKind,
    SourceMessage,
    SourcePerson,
    SourceReaction,
    SourceRoom,
)
from chatapp.transfer.sources.rocketchat.values import (
    RocketFile,
    RocketMessage,
    RocketRoom,
    RocketSubscription,
    RocketUser,
    moment,
)
from chatapp.transfer.sources.sorting import by_room_and_time

T = TypeVar("T")

USERS = "users.json"
ROOMS = "rocketchat_room.json"
SUBSCRIPTIONS = "rocketchat_subscription.json"
MESSAGES = "rocketchat_message.json"
UPLOADS = "uploads"
"""A folder with the bytes of files, by their ids."""
GENERAL_THERE = "GENERAL"
_KINDS: dict[str, SourceKind] = {"c": "public", "p": "private", "d": "direct"}
_JOINED = frozenset(["uj", "ut", "ujt", "au", "added-user-to-team"])
_LEFT = frozenset(["ul", "ult", "ru", "removed-user-from-team"])
_SIGN = re.compile(
    r"(?<![\w@])@(?P<person>[\w.-]{1,64})|(?<![\w#&])#(?P<room>[\w.-]{1,64})"
    r"|:(?P<emoji>[a-z0-9_+-]{1,60}):"
)
_MAY_CHANGE = re.compile(r"[@#:*~]")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,300}?)(?<=\S)\*(?![\w*])")
_STRUCK = re.compile(r"(?<![\w~])~(?=\S)([^~\n]{1,300}?)(?<=\S)~(?![\w~])")
_LINK = re.compile(r"\A\[ ?\]\(\S+\)\s*")
"""How a quoted message begins."""


class RocketChatExport:
    """An opened export. Raises StorageError for what is none."""

    format = "rocketchat"
    chat = ""
    room_by_room = True

    def __init__(self, path: Path, media: MediaFolder = NO_MEDIA) -> None:
        self._media = media
        self._zip = ZipOfSource(path, (MESSAGES,))
        if MESSAGES not in self._zip:
            self._zip.close()
            raise StorageError(f"{path.name} has no {MESSAGES}.")
        self.size = sum(map(self._zip.size_of, (USERS, ROOMS, SUBSCRIPTIONS, MESSAGES)))
        self._ids: dict[str, str] = {}
        """The ids of people by their names there."""
        self._rooms: dict[str, str] = {}

    def close(self) -> None:
        self._zip.close()

    def open_file(self, path: str) -> BinaryIO:
        return self._zip.open(path) if path in self._zip else self._media.open(path)

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """People, then rooms, then the messages of each room by their times."""
        for where, user in self._rows(USERS, RocketUser, progress):
            if isinstance(user, RocketUser):
                self._ids[user.username] = user.id
                yield _person(user)
            else:
                yield SkippedRow(where, user)
        members: dict[str, list[str]] = {}
        for where, one in self._rows(SUBSCRIPTIONS, RocketSubscription, progress):
            if isinstance(one, RocketSubscription):
                members.setdefault(one.rid, []).append(one.u.id)
            else:
                yield SkippedRow(where, one)
        for where, room in self._rows(ROOMS, RocketRoom, progress):
            if not isinstance(room, RocketRoom):
                yield SkippedRow(where, room)
            elif room.t not in _KINDS:
                yield SkippedRow(where, f"a room of the type {room.t[:20]!r} has no place here")
            else:
                self._rooms[room.name or ""] = room.id
                yield _room(room, members.get(room.id) or room.uids or None)
        yield from by_room_and_time(self._messages(names, progress), scratch)

    def _messages(self, names: KnownNames, progress: Progress) -> Iterator[Record]:
        for where, message in self._rows(MESSAGES, RocketMessage, progress):
            if not isinstance(message, RocketMessage):
                yield SkippedRow(where, message)
                continue
            if names.person(message.u.id) is None:
                called = message.u.username or message.u.id
                self._ids.setdefault(called, message.u.id)
                yield SourcePerson(id=message.u.id, name=called, is_deleted=True)
            yield self._message(where, message, names)

    def _message(self, where: str, message: RocketMessage, names: KnownNames) -> Record:
        try:
            at = moment(message.ts)
            edited_at = moment(message.edited_at) if message.edited_at else None
        except (ValueError, OverflowError, OSError):
            return SkippedRow(where, "its time is none")
        system, text = self._said(message, names)
        files = [
            SourceFile(one.id, one.name or "file", self._path_of(one)) for one in _files(message)
        ]
        if not text and not files:
            what = f"a {message.t[:40]!r} has no place here" if message.t else "it has no text"
            return SkippedRow(where, what)
        return SourceMessage(
            message.id,
            message.rid,
            message.u.id,
            at,
            text,
            where,
            thread=message.tmid,
            also_to_room=message.tshow,
            is_root=message.tcount > 0,
            edited_at=edited_at,
            system=system,
            reactions=[
                SourceReaction(emoji_called(name.strip(":")) or name, self._ids.get(person, person))
                for name, reaction in message.reactions.items()
                for person in reaction.usernames
            ]
            or None,
            files=files or None,
        )

    def _path_of(self, file: RocketFile) -> str:
        """Of a file's bytes, in the archive or beside it; empty if they are nowhere."""
        if not is_media_id(file.id):
            return ""
        stem, dot, ending = file.name.rpartition(".")
        names = [file.id]
        if stem and dot and "/" not in ending:
            names = [f"{file.id}.{ending}", f"{file.id}.{ending.lower()}", file.id]
        packed = (f"{UPLOADS}/{name}" for name in names)
        return next(filter(self._zip.__contains__, packed), "") or self._media.first_of(*names)

    def _said(self, message: RocketMessage, names: KnownNames) -> tuple[SystemLine | None, str]:
        name = names.person(message.u.id) or message.u.username
        match message.t:
            case None:
                return None, self._text(message, names)
            case "room_changed_topic":
                return SystemLine(what="topic"), f"{name} changed the topic to “{message.msg}”"
            case "r":
                return SystemLine(what="renamed"), f"{name} renamed the room to “{message.msg}”"
            case _ if message.t in _JOINED:
                who = self._named(message.msg, names) if message.t == "au" else name
                return SystemLine(what="joined"), f"{who} joined"
            case _ if message.t in _LEFT:
                who = self._named(message.msg, names) if message.t == "ru" else name
                return SystemLine(what="left"), f"{who} left"
        return None, ""

    def _text(self, message: RocketMessage, names: KnownNames) -> str:
        def change(plain: str) -> str:
            plain = _STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", plain))
            return _SIGN.sub(lambda found: self._here(found, names), plain)

        text = _LINK.sub("", message.msg)
        if _MAY_CHANGE.search(text):
            text = outside_code(text, change)
        for each in message.attachments or ():
            if each.message_link and each.text:
                text = "\n".join([*(f"> {line}" for line in each.text.split("\n")), "", text])
            elif each.description and not text:
                text = each.description
        return text.strip()

    def _here(self, found: re.Match[str], names: KnownNames) -> str:
        if person := found["person"]:
            if person in ("all", "here"):
                return "@room"
            known = person.rstrip(".-")
            return f"@{self._named(known, names)}{person[len(known) :]}"
        if room := found["room"]:
            return f"#{names.room(self._rooms.get(room, '')) or room}"
        return emoji_called(found["emoji"]) or found[0]

    def _named(self, username: str, names: KnownNames) -> str:
        return names.person(self._ids.get(username, "")) or username

    def _rows(self, name: str, type: type[T], progress: Progress) -> Iterator[tuple[str, T | str]]:
        """The documents of a collection, or why one is none, each with its place."""
        if name not in self._zip:
            return
        decode = msgspec.json.Decoder(type).decode
        number = 0
        try:
            with closing(self._zip.open(name)) as file:
                for number, line, size in bounded_lines(file):
                    where = f"{name}, line {number}"
                    try:
                        yield where, decode(line) if line else "it is too long"
                    except (msgspec.DecodeError, RecursionError) as error:
                        yield where, f"it cannot be read ({str(error)[:80]})"
                    progress(size)
        except DamagedMember as error:
            yield f"{name} after line {number}", str(error)


def is_rocketchat_export(path: Path) -> bool:
    if not is_zipfile(path):
        return False
    with suppress(StorageError), closing(RocketChatExport(path)):
        return True
    return False


def _person(user: RocketUser) -> SourcePerson:
    return SourcePerson(
        id=user.id,
        name=user.username or user.name or user.id,
        display_name=user.name or "",
        email=user.emails[0].address if user.emails else "",
        is_bot=user.type in ("bot", "app"),
        is_deleted=not user.active,
    )


def _room(room: RocketRoom, members: list[str] | None) -> SourceRoom:
    return SourceRoom(
        id=room.id,
        name=room.name or room.fname or room.id,
        kind=_KINDS[room.t],
        title=room.fname or "",
        topic=room.topic or "",
        members=members or ([] if room.t == "d" else None),
        is_archived=room.archived,
        is_general=room.id == GENERAL_THERE,
    )


def _files(message: RocketMessage) -> Iterator[RocketFile]:
    if message.files:
        thumbnails = (one for one in message.files if not one.name.startswith("thumb-"))
        yield from thumbnails
    elif message.file:
        yield message.file
