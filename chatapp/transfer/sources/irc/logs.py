"""Reads logs of IRC: a file of WeeChat, irssi or ZNC, or a ZIP archive of them.

    irc.libera.#ops.weechatlog            the channel is in the name of the file
    libera/#ops.log                       as irssi has them
    libera/#ops/2024-02-29.log            as ZNC has them, a file for each day

Their times are those of the machine that wrote them. Lines keep their order, also where a clock was
set back. They have no ids: a line is known by its time, its author and its text, and by how many
such lines were before it.
"""

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date, datetime, tzinfo
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

from chatapp.domain.clock import timestamp
from chatapp.domain.model import SystemLine
from chatapp.log.errors import StorageError
from chatapp.log.progress import Progress
from chatapp.transfer.sources.archives import DamagedMember, files_of_source
from chatapp.transfer.sources.irc.lines import LineParser, LogLine
from chatapp.transfer.sources.line_reading import bounded_lines
from chatapp.transfer.sources.local_times import LocalTimes
from chatapp.transfer.sources.records import (
    KnownNames,
    Record,
    SkippedRow,
    SourceMessage,
    SourcePerson,
    SourceRoom,
)

_ENDINGS = (".log", ".weechatlog", ".txt")
_DAY = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_TRIED_LINES = 20


class IrcLogs:
    """Opened logs. Raises StorageError for anything else."""

    format = "irc"
    chat = ""
    room_by_room = True

    def __init__(self, path: Path, zone: tzinfo | None = None) -> None:
        """Times are in `zone`, or in that of this machine."""
        self._zone = zone
        self._files = files_of_source(path)
        self._names = sorted(filter(self._is_log, self._files.names(*_ENDINGS)))
        if not self._names:
            self.close()
            raise StorageError(f"{path.name} has no log of WeeChat, irssi or ZNC.")
        self.size = sum(map(self._files.size_of, self._names))

    def close(self) -> None:
        self._files.close()

    def open_file(self, path: str) -> BinaryIO:
        raise DamagedMember(f"logs of IRC have no files such as {path[:40]}")

    def records(self, names: KnownNames, progress: Progress, scratch: Path) -> Iterator[Record]:
        channel: _IrcChannel | None = None
        for name in self._names:
            called = channel_of(name)
            if channel is None or channel.id != called:
                channel = _IrcChannel(called, names, LocalTimes(self._zone))
                yield SourceRoom(id=called, name=called.lstrip("#&+!"), kind="private")
            parser = LineParser(_day_of(name))
            number = 0
            try:
                with closing(self._files.open(name)) as file:
                    for number, line, size in bounded_lines(file):
                        where = f"{name}, line {number}"
                        if line is None:
                            yield SkippedRow(where, "it is too long")
                        else:
                            yield from channel.records(where, parser, _decoded(line))
                        progress(size)
            except DamagedMember as error:
                yield SkippedRow(f"{name} after line {number}", str(error))

    def _is_log(self, name: str) -> bool:
        parser = LineParser(_day_of(name))
        with suppress(DamagedMember), closing(self._files.open(name)) as file:
            for (_, line, _), _ in zip(bounded_lines(file), range(_TRIED_LINES), strict=False):
                with suppress(ValueError):
                    found = parser.parse(_decoded(line or b""))
                    if found and found.at:
                        return True
        return False


def is_irc_log(path: Path) -> bool:
    with suppress(StorageError), closing(IrcLogs(path)):
        return True
    return False


def channel_of(name: str) -> str:
    """The channel of a file: from its name, or from its folder's if its name is a day."""
    folder, _, file = name.rpartition("/")
    stem = file.rpartition(".")[0]
    if file.endswith(".weechatlog"):
        return stem.removeprefix("irc.").partition(".")[2] or stem
    if _DAY.fullmatch(stem):
        return folder.rpartition("/")[2] or stem
    head, _, day = stem.rpartition("_")
    return head.rpartition("_")[2] if _DAY.fullmatch(day) and head else stem


def _day_of(name: str) -> date | None:
    found = _DAY.search(name.rpartition("/")[2])
    with suppress(ValueError):
        return date(*map(int, found.groups())) if found else None
    return None


class _IrcChannel:
    """Makes records of the lines of a channel. A nick is a person."""

    def __init__(self, id: str, names: KnownNames, times: LocalTimes) -> None:
        self.id = id
        self._names = names
        self._times = times
        self._moment: datetime | None = None
        self._same: dict[bytes, int] = {}
        """How often a line was in this moment."""

    def records(self, where: str, parser: LineParser, line: str) -> Iterator[Record]:
        try:
            found = parser.parse(line)
        except ValueError as error:
            yield SkippedRow(where, str(error))
            return
        if found is None:
            return
        if found.at is None:
            yield SkippedRow(where, "nothing says which day it is")
        elif found.kind == "other":
            yield SkippedRow(where, "a notice of the server or the program has no place here")
        elif not found.text and found.kind in ("said", "did"):
            yield SkippedRow(where, "it has no text")
        else:
            if self._names.person(found.nick.lower()) is None:
                yield SourcePerson(id=found.nick.lower(), name=found.nick)
            yield self._message(where, found, found.at)

    def _message(self, where: str, line: LogLine, local: datetime) -> SourceMessage:
        name = self._names.person(line.nick.lower()) or line.nick
        system: SystemLine | None = None
        match line.kind:
            case "did":
                text = f"_{line.text}_"
            case "topic":
                system = SystemLine(what="topic")
                text = f"{name} changed the topic to “{line.text}”"
            case "joined" | "left":
                system = SystemLine(what=line.kind)
                text = f"{name} {line.kind}"
            case _:
                text = line.text
        at = timestamp(self._times.utc(local))
        id = self._id(local, line)
        return SourceMessage(
            id, self.id, line.nick.lower(), at, text, where, is_root=False, system=system
        )

    def _id(self, local: datetime, line: LogLine) -> str:
        if local != self._moment:
            self._moment, self._same = local, {}
        said = "\n".join((self.id, line.kind, line.nick, line.text)).encode(errors="replace")
        digest = blake2b(said, digest_size=9).digest()
        number = self._same[digest] = self._same.get(digest, 0) + 1
        return f"{local:%Y%m%dT%H%M%S}-{digest.hex()}" + (f"-{number}" if number > 1 else "")


def _decoded(line: bytes) -> str:
    """UTF-8, or what was usual before."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("cp1252", "replace")
    return text.rstrip("\r\n")
