"""Writes the export of a Slack workspace: a ZIP archive with a file of messages for each day.

    users.json                     everybody, also former members and bots
    channels.json  groups.json     public and private channels
    dms.json       mpims.json      conversations of two, and of several people
    general/2026-03-01.json        the messages of a channel of a day, UTC
    __uploads/F9F86D0818/plan.pdf  the files, where the exports of other programs have them

https://slack.com/help/articles/220556107 describes the files, https://docs.slack.dev/reference/objects
the objects. slack_messages.py has those of messages.
"""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from chatapp.blobs.names import BlobMissing
from chatapp.log.progress import Progress
from chatapp.ports import Blobs
from chatapp.transfer.export_filter import ExportFilter
from chatapp.transfer.folded_messages import FoldedMessages
from chatapp.transfer.targets.losses import Losses
from chatapp.transfer.targets.people import TargetPeople, TargetPerson
from chatapp.transfer.targets.rooms import TargetRoom, people_and_rooms
from chatapp.transfer.targets.slack_messages import MessagesForSlack, channel_id, user_id
from chatapp.upkeep.files.small_pictures import emoji_rows

GENERAL_OF_SLACK = "general"
MOST_IN_MPIM = 9


def to_slack(
    data: Path,
    extract: ExportFilter,
    progress: Progress,
    blobs: Blobs | None,
    losses: Losses,
    *,
    output: BinaryIO,
) -> None:
    """Without blobs, there are no files in it."""
    with (
        ZipFile(output, "w", ZIP_DEFLATED) as archive,
        FoldedMessages(data / "messages", extract, progress) as gathered,
    ):
        people, rooms = people_and_rooms(
            data, extract, progress, gathered, losses,
            general=GENERAL_OF_SLACK, most=MOST_IN_MPIM,
        )  # fmt: skip
        messages = MessagesForSlack(gathered, people, rooms, losses, with_files=blobs is not None)
        for name, objects in _lists(people, list(rooms.values()), messages).items():
            archive.writestr(name, msgspec.json.format(msgspec.json.encode(objects), indent=1))
        emoji = {row.sha256 for row in emoji_rows(data / "directory")}
        losses.count("pictures of the chat's own emoji", len(emoji))
        for room in rooms.values():
            told = messages.of(room, progress)
            for day, of_day in groupby(told, key=_day):
                _write_day(archive, f"{_folder(room)}/{day}.json", of_day)
        if blobs:
            for path, digest in messages.files.items():
                _write_file(archive, path, digest, blobs, losses)


def _lists(
    people: TargetPeople, rooms: list[TargetRoom], messages: MessagesForSlack
) -> dict[str, list[dict[str, Any]]]:
    public = [room for room in rooms if room.kind == "public"]
    private = [room for room in rooms if room.kind == "private"]
    direct = [room for room in rooms if room.kind == "direct"]
    everybody = [user_id(person) for person in people if not person.gone]

    def channel_of(room: TargetRoom) -> dict[str, Any]:
        pins = messages.pins_of(room)
        return _channel(room) | ({"pins": pins} if pins else {})

    channels = [channel_of(room) for room in public]
    for channel in channels:
        if channel["is_general"]:
            channel["members"] = everybody
    return {
        "users.json": [_user(person) for person in people],
        "channels.json": channels,
        "groups.json": [channel_of(room) for room in private],
        "dms.json": [_conversation(room) for room in direct if len(room.members) < 3],
        "mpims.json": [
            _channel(room) | {"name": _folder(room), "is_mpim": True}
            for room in direct
            if len(room.members) > 2
        ],
    }


def _user(person: TargetPerson) -> dict[str, Any]:
    real_name = person.display_name or person.name
    profile = {"display_name": real_name, "real_name": real_name, "email": person.email}
    return {
        "id": user_id(person),
        "name": person.username,
        "deleted": person.gone,
        "real_name": real_name,
        "is_bot": person.is_bot,
        "profile": profile,
    }


def _channel(room: TargetRoom) -> dict[str, Any]:
    """Slack has no titles: one that says more than the name is the purpose."""
    return _conversation(room) | {
        "name": room.name,
        "creator": user_id(room.creator) if room.creator else "",
        "is_archived": room.archived,
        "is_general": room.is_general,
        "topic": {"value": room.topic, "creator": "", "last_set": 0},
        "purpose": {
            "value": "" if room.title == room.here else room.title,
            "creator": "",
            "last_set": 0,
        },
    }


def _conversation(room: TargetRoom) -> dict[str, Any]:
    return {
        "id": channel_id(room),
        "created": int(datetime.fromisoformat(room.at).timestamp()) if room.at else 0,
        "members": [user_id(member) for member in room.members],
    }


def _folder(room: TargetRoom) -> str:
    if room.kind != "direct":
        return room.name
    if len(room.members) < 3:
        return channel_id(room)
    return f"mpdm-{'--'.join(member.username for member in room.members)}-1"


def _day(told: tuple[str, dict[str, Any]]) -> str:
    return told[0]


def _write_day(archive: ZipFile, name: str, messages: Iterator[tuple[str, dict[str, Any]]]) -> None:
    """Message by message, because a day can be long."""
    with archive.open(name, "w", force_zip64=True) as file:
        before = b"[\n"
        for _, message in messages:
            file.write(before + msgspec.json.encode(message))
            before = b",\n"
        file.write(b"\n]\n")


def _write_file(archive: ZipFile, path: str, digest: str, blobs: Blobs, losses: Losses) -> None:
    """Nothing is written of one whose bytes are missing or damaged."""
    try:
        found = sha256()
        for part in blobs.read(digest):
            found.update(part)
        if found.hexdigest() == digest:
            with archive.open(path, "w", force_zip64=True) as file:
                for part in blobs.read(digest):
                    file.write(part)
            return
    except BlobMissing:
        pass
    losses.count("files whose bytes are missing or damaged")
