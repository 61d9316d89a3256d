"""Reads a bulk export of Mattermost: JSON Lines, or a ZIP archive with them and with the files.

    {"type":"version","version":1}      first
    {"type":"team", …}  {"type":"channel", …}  {"type":"user", …}
    {"type":"post", …}                  with its replies, in any order of times
    {"type":"direct_channel", …}  {"type":"direct_post", …}

    import.jsonl                        in an archive
    data/20240229/…/plan.pdf            the files, by the paths that posts have

There are no ids: people are known by their names, a post by its author, its time and its channel.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from zipfile import is_zipfile

import msgspec

from chatapp.domain.clock import moment_of, timestamp
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.text.shortcodes import emoji_called
from chatapp.transfer.sources.archives import DamagedMember, ZipOfSource, files_of_source
from chatapp.transfer.sources.line_reading import bounded_lines
from chatapp.transfer.sources.mattermost.texts import MattermostTexts, line_of
from chatapp.transfer.sources.mattermost.values import (
    MattermostBot,
    MattermostChannel,
    MattermostConversation,
    MattermostLine,
    MattermostPost,
    MattermostReply,
    MattermostUser,
)
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

LINES = "import.jsonl"
DATA = "data/"
GENERAL_THERE = "town-square"
_IGNORED = frozenset(["version", "role", "scheme", "emoji", "thread_follower"])
_HEAD_BYTES = 4096

_decode = msgspec.json.Decoder(MattermostLine).decode


class MattermostExport:
    """An opened export. Raises StorageError for what is none."""

    format = "mattermost"
    chat = ""
    room_by_room = True

    def __init__(self, path: Path) -> None:
        if not is_mattermost_export(path):
            raise StorageError(f"{path.name} is no bulk export of Mattermost.")
        self._files = files_of_source(path, (LINES,))
        self._lines = LINES if LINES in self._files else path.name
        self.size = self._files.size_of(self._lines)

    def close(self) -> None:
        self._files.close()

    def open_file(self, path: str) -> BinaryIO:
        return self._files.open(path)

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        """People, then rooms, then the messages of each room by their times."""
        lines = _MattermostLines(names, self._files.__contains__)
        with closing(self._files.open(self._lines)) as file:
            sorted_records = by_room_and_time(lines.records(file, progress), scratch)
            yield from _told_apart(sorted_records)


def is_mattermost_export(path: Path) -> bool:
    if not is_zipfile(path):
        with path.open("rb") as file:
            return _is_first_line(file.readline(_HEAD_BYTES))
    with suppress(StorageError, DamagedMember), closing(ZipOfSource(path, (LINES,))) as archive:
        if LINES in archive:
            with archive.open(LINES) as file:
                return _is_first_line(file.readline(_HEAD_BYTES))
    return False


def _is_first_line(line: bytes) -> bool:
    try:
        first = _decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False
    return first.type == "version" and first.version is not None


class _MattermostLines:
    """Makes records of lines. Channels wait for the users, who say in which of them they are."""

    def __init__(self, names: KnownNames, has_file: Callable[[str], bool]) -> None:
        self._names = names
        self._has_file = has_file
        self._texts = MattermostTexts(names)
        self._teams: set[str] = set()
        self._channels: dict[str, MattermostChannel] = {}
        self._members: dict[str, list[str]] = {}
        self._rooms: set[str] = set()

    def records(self, file: BinaryIO, progress: Progress) -> Iterator[Record]:
        try:
            yield from self._read(file, progress)
        except DamagedMember as error:
            yield SkippedRow("the rest", str(error))
        yield from self._waiting_rooms()

    def _read(self, file: BinaryIO, progress: Progress) -> Iterator[Record]:
        for number, data, size in bounded_lines(file):
            where = f"line {number}"
            if data is None:
                yield SkippedRow(where, "it is too long")
            else:
                try:
                    line = _decode(data)
                except (msgspec.DecodeError, RecursionError) as error:
                    yield SkippedRow(where, f"it cannot be read ({str(error)[:80]})")
                else:
                    yield from self._of_line(where, line)
            progress(size)

    def _of_line(self, where: str, line: MattermostLine) -> Iterator[Record]:
        match line:
            case MattermostLine(post=MattermostPost() as post):
                yield from self._waiting_rooms()
                yield from self._post(where, f"{post.team}/{post.channel}", post)
            case MattermostLine(direct_post=MattermostPost() as post):
                yield from self._waiting_rooms()
                yield from self._conversation(post.channel_members or ())
                yield from self._post(where, _between(post.channel_members or ()), post)
            case MattermostLine(user=MattermostUser() as user):
                yield self._user(user)
            case MattermostLine(bot=MattermostBot() as bot):
                yield SourcePerson(
                    id=bot.username,
                    name=bot.username,
                    display_name=bot.display_name or "",
                    is_bot=True,
                    is_deleted=bool(bot.delete_at),
                )
            case MattermostLine(channel=MattermostChannel() as channel):
                self._teams.add(channel.team)
                self._channels[f"{channel.team}/{channel.name}"] = channel
            case MattermostLine(direct_channel=MattermostConversation() as conversation):
                members = [one.username for one in conversation.participants or ()]
                yield from self._waiting_rooms()
                yield from self._conversation(members or conversation.members or ())
            case _ if line.type not in _IGNORED and line.team is None:
                yield SkippedRow(where, f"a {line.type[:40]!r} has no place here")

    def _user(self, user: MattermostUser) -> SourcePerson:
        for team in user.teams or ():
            for channel in team.channels or ():
                self._members.setdefault(f"{team.name}/{channel.name}", []).append(user.username)
        full = " ".join(filter(None, [user.first_name, user.last_name]))
        return SourcePerson(
            id=user.username,
            name=user.username,
            display_name=user.nickname or full,
            email=user.email or "",
            is_deleted=bool(user.delete_at),
        )

    def _waiting_rooms(self) -> Iterator[SourceRoom]:
        channels, self._channels = self._channels, {}
        for id, channel in channels.items():
            is_only_team = len(self._teams) == 1
            yield SourceRoom(
                id=id,
                name=channel.name if is_only_team else f"{channel.team}-{channel.name}",
                kind="private" if channel.type == "P" else "public",
                title=channel.display_name,
                topic=channel.header or channel.purpose,
                members=self._members.pop(id, []),
                is_archived=bool(channel.deleted_at),
                is_general=is_only_team and channel.name == GENERAL_THERE,
            )

    def _conversation(self, members: Iterable[str]) -> Iterator[Record]:
        id = _between(members)
        if id not in self._rooms:
            self._rooms.add(id)
            people = sorted(set(members))
            yield from self._unknown(people)
            yield SourceRoom(id=id, name=", ".join(people), kind="direct", members=people)

    def _post(self, where: str, room: str, post: MattermostPost) -> Iterator[Record]:
        root = _id(post)
        yield from self._message(where, room, post, None, is_root=bool(post.replies))
        for number, reply in enumerate(post.replies or (), 1):
            yield from self._message(f"{where}, reply {number}", room, reply, root, is_root=False)

    def _message(
        self, where: str, room: str, post: MattermostReply, thread: str | None, *, is_root: bool
    ) -> Iterator[Record]:
        try:
            at = _moment(post.create_at)
            edited_at = _moment(post.edit_at) if post.edit_at else None
            reactions = [
                SourceReaction(
                    emoji_called(one.emoji_name) or f":{one.emoji_name}:",
                    one.user,
                    _moment(one.create_at) if one.create_at else None,
                )
                for one in post.reactions or ()
            ]
        except (ValueError, OverflowError, OSError):
            yield SkippedRow(where, "its time is none")
            return
        yield from self._unknown([post.user, *(one.person for one in reactions)])
        sender = self._names.person(post.user) or post.user
        system, text = line_of(post, sender)
        if system is None and (post.type or "").startswith("system_"):
            yield SkippedRow(where, f"a {(post.type or '')[:40]} has no place here")
            return
        files = [self._file(one.path) for one in post.attachments or ()]
        text = text if system else self._texts.markdown(post.message or "", room.partition("/")[0])
        if not text and not files:
            yield SkippedRow(where, "it has no text")
            return
        yield SourceMessage(
            _id(post),
            room,
            post.user,
            at,
            text,
            where,
            thread=thread,
            is_root=is_root,
            edited_at=edited_at,
            system=system,
            reactions=reactions or None,
            files=files or None,
        )

    def _unknown(self, people: Iterable[str]) -> Iterator[SourcePerson]:
        """Those of whom the export says nothing."""
        for name in people:
            if self._names.person(name) is None:
                yield SourcePerson(id=name, name=name, is_deleted=True)

    def _file(self, path: str) -> SourceFile:
        inside = path if path.startswith(DATA) else DATA + path
        has_bytes = self._has_file(inside)
        return SourceFile(path, path.rpartition("/")[2] or "file", inside if has_bytes else "")


def _told_apart(records: Iterator[Record]) -> Iterator[Record]:
    """Posts of the same person in the same millisecond get ids of their own; they follow on each
    other. One that is there twice keeps its id."""
    texts: dict[str, str] = {}
    place = ("", "")
    for record in records:
        if isinstance(record, SourceMessage):
            if (record.room, record.at) != place:
                place, texts = (record.room, record.at), {}
            if texts.setdefault(record.id, record.text) != record.text:
                digest = sha256(record.text.encode(errors="replace")).hexdigest()
                record.id = f"{record.id}-{digest[:8]}"
        yield record


def _id(post: MattermostReply) -> str:
    return f"{post.create_at}-{post.user}"


def _between(members: Iterable[str]) -> str:
    return "direct " + "\n".join(sorted(set(members)))


def _moment(milliseconds: int) -> str:
    return timestamp(moment_of(milliseconds))
