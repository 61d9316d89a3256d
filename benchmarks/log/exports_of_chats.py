"""Exports as other chats write them, of any number of messages, for benchmarks/log/imports.py.

Texts as people write them (log/data.py), in 20 rooms, by 200 people; a message in ten is in a
thread, one in five has a reaction, where the format has these.
"""

import csv
import io
import json
import tarfile
import time
from collections.abc import Callable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import msgspec

from benchmarks.log.data import texts

ROOMS = 20
PEOPLE = 200
START = 1_700_000_000
DAY_SECONDS = 86_400
GROUP = 10
SHUFFLE = 7_919
"""A prime: a step through the groups that comes to each of them, in no order of time."""


class _Said(NamedTuple):
    """`root` is the number of the message whose thread it is in; `reaction` is by a person."""

    number: int
    room: int
    person: int
    text: str
    root: int | None
    reaction: int | None


def said(count: int) -> Iterator[_Said]:
    """In groups of ten of one room, of which the last one answers the first one in a thread."""
    for number, text in enumerate(islice(texts(), count)):
        group = number // GROUP
        root = number - GROUP + 1 if number % GROUP == GROUP - 1 else None
        reaction = number % PEOPLE if number % 5 == 0 else None
        yield _Said(number, group * group % 97 % ROOMS, number * 31 % PEOPLE, text, root, reaction)


def slack(path: Path, count: int, packed: int = ZIP_DEFLATED) -> Path:
    """Of a year, a day after the other."""
    users = [
        {"id": f"U{i:03}", "name": f"person{i}x", "profile": {"email": f"p{i}@acme.test"}}
        for i in range(PEOPLE)
    ]
    members = [user["id"] for user in users]
    channels = [{"id": f"C{i}", "name": f"room-{i}", "members": members} for i in range(ROOMS)]

    def ts(number: int) -> str:
        return f"{START + number * 365 * DAY_SECONDS // count}.{number % 1_000_000:06}"

    def day(one: _Said) -> str:
        return time.strftime("%Y-%m-%d", time.gmtime(float(ts(one.number))))

    with ZipFile(path, "w", packed) as archive:
        archive.writestr("users.json", json.dumps(users))
        archive.writestr("channels.json", json.dumps(channels))
        for date, of_day in groupby(said(count), day):
            rooms: dict[int, list[Any]] = {}
            for one in of_day:
                rooms.setdefault(one.room, []).append(_of_slack(one, ts))
            for room, messages in rooms.items():
                archive.writestr(f"room-{room}/{date}.json", json.dumps(messages))
    return path


def _of_slack(one: _Said, ts: Callable[[int], str]) -> dict[str, Any]:
    message: dict[str, Any] = {
        "type": "message", "ts": ts(one.number), "user": f"U{one.person:03}", "text": one.text,
        "client_msg_id": f"{one.number:036}", "team": "T1",
        "blocks": [{"type": "rich_text", "elements": [{"type": "text", "text": one.text}]}],
    }  # fmt: skip
    if one.root is not None:
        message["thread_ts"] = ts(one.root)
    elif one.number % GROUP == 0:
        message |= {"thread_ts": ts(one.number), "reply_count": 1}
    if one.reaction is not None:
        users_of = [f"U{one.reaction:03}"]
        message["reactions"] = [{"name": "+1", "users": users_of, "count": 1}]
    return message


def mattermost(path: Path, count: int) -> Path:
    """Posts in no order of time; a reply is in the line of its post."""
    with path.open("w") as file:

        def line(type: str, value: object) -> None:
            file.write(json.dumps({"type": type, type: value}) + "\n")

        line("version", 1)
        line("team", {"name": "acme", "display_name": "Acme"})
        rooms = [{"name": f"room-{i}"} for i in range(ROOMS)]
        for room in rooms:
            line("channel", {"team": "acme", "display_name": room["name"], "type": "O", **room})
        for i in range(PEOPLE):
            teams = [{"name": "acme", "channels": rooms}]
            line("user", {"username": f"person{i}x", "email": f"p{i}@acme.test", "teams": teams})
        groups = count // GROUP + 1
        root: dict[str, Any] = {}
        for one in said(count):
            minute = one.number // GROUP * SHUFFLE % groups * GROUP + one.number % GROUP
            post = {
                "user": f"person{one.person}x", "message": one.text,
                "create_at": (START + 60 * minute) * 1000, "reactions": [], "attachments": [],
            }  # fmt: skip
            if one.reaction is not None:
                by = f"person{one.reaction}x"
                reaction = {"user": by, "emoji_name": "+1", "create_at": post["create_at"]}
                post["reactions"] = [reaction]
            if one.root is not None:
                line("post", root | {"replies": [post]})
                continue
            post |= {"team": "acme", "channel": f"room-{one.room}"}
            if one.number % GROUP == 0:
                root = post
            else:
                line("post", post)
    return path


def discord(path: Path, count: int) -> Path:
    """A file for each channel; answers in place of threads."""
    channels: list[list[Any]] = [[] for _ in range(ROOMS)]
    for one in said(count):
        channels[one.room].append(_of_discord(one))
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for number, messages in enumerate(channels):
            whole = {**_discord_head(number), "messages": messages}
            archive.writestr(f"room-{number}.json", json.dumps(whole, indent=2))
    return path


def discord_channel(path: Path, count: int) -> Path:
    """One channel in one file."""
    return _written(path, _discord_head(0), map(_of_discord, said(count)), indent=2)


def _discord_head(number: int) -> dict[str, Any]:
    channel = {"id": f"9{number}", "type": "GuildTextChat", "name": f"room-{number}"}
    return {"guild": {"id": "1"}, "channel": channel}


def _discord_person(number: int) -> dict[str, Any]:
    name = f"person{number}x"
    return {
        "id": str(1000 + number), "name": name, "nickname": f"Person {number}", "isBot": False
    }  # fmt: skip


def _of_discord(one: _Said) -> dict[str, Any]:
    message = {
        "id": str(one.number), "type": "Default", "timestamp": _iso(one.number),
        "timestampEdited": None, "isPinned": False, "content": one.text,
        "author": _discord_person(one.person), "attachments": [], "embeds": [], "stickers": [],
        "reactions": [], "mentions": [],
    }  # fmt: skip
    if one.root is not None:
        message |= {"type": "Reply", "reference": {"messageId": str(one.root)}}
    if one.reaction is not None:
        emoji = {"id": "", "name": "👍", "code": "thumbsup"}
        users = [_discord_person(one.reaction)]
        message["reactions"] = [{"emoji": emoji, "count": 1, "users": users}]
    return message


def matrix(path: Path, count: int) -> Path:
    """One room: Element exports no more at a time."""
    head = {"room_name": "Ops", "room_creator": "@person0x:acme.test", "export_date": "2024"}
    events = (event for one in said(count) for event in _of_matrix(one))
    return _written(path, head, events, indent=4)


def _of_matrix(one: _Said) -> Iterator[dict[str, Any]]:
    content: dict[str, Any] = {"msgtype": "m.text", "body": one.text}
    if one.root is not None:
        content["m.relates_to"] = {"rel_type": "m.thread", "event_id": f"${one.root}"}
    yield _event(one.number, "m.room.message", content, one.person)
    if one.reaction is not None:
        relation = {"rel_type": "m.annotation", "event_id": f"${one.number}", "key": "👍"}
        reaction = {"m.relates_to": relation}
        yield _event(f"r{one.number}", "m.reaction", reaction, one.reaction)


def _written(path: Path, head: dict[str, Any], messages: Iterator[Any], *, indent: int) -> Path:
    """A JSON object with these messages, of any number, after its head."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb") as file:
        file.write(encode(head).removesuffix(b"}") + b',"messages":[\n')
        for number, message in enumerate(messages):
            file.write(b",\n" if number else b"")
            file.write(msgspec.json.format(encode(message), indent=indent))
        file.write(b"\n]}\n")
    return path


def _event(id: object, type: str, content: object, person: int) -> dict[str, Any]:
    return {
        "type": type, "sender": f"@person{person}x:acme.test", "content": content,
        "event_id": f"${id}", "origin_server_ts": START * 1000 + int(str(id).lstrip("r")) * 1000,
        "room_id": "!ops:acme.test",
    }  # fmt: skip


def zulip(path: Path, count: int) -> Path:
    people = [
        {"id": i, "full_name": f"Person {i}x", "email": f"p{i}@acme.test"} for i in range(PEOPLE)
    ]
    channels = [{"id": i, "name": f"room-{i}"} for i in range(ROOMS)]
    recipients = [{"id": i, "type": 2, "type_id": i} for i in range(ROOMS)]
    reactions: list[Any] = []
    pages: list[list[Any]] = [[]]
    for one in said(count):
        if len(pages[-1]) == 1000:
            pages.append([])
        topic = f"topic {one.number // GROUP}" if one.number % GROUP in (0, GROUP - 1) else ""
        pages[-1].append(
            {
                "id": one.number, "sender": one.person, "recipient": one.room, "subject": topic,
                "date_sent": START + one.number, "content": one.text,
                "rendered_content": f"<p>{one.text}</p>",
            }
        )  # fmt: skip
        if one.reaction is not None:
            reaction = {"user_profile": one.reaction, "message": one.number}
            reactions.append({**reaction, "emoji_name": "+1", "emoji_code": "1f44d"})
    realm = {
        "zerver_userprofile": people, "zerver_stream": channels, "zerver_recipient": recipients,
        "zerver_reaction": reactions,
    }  # fmt: skip
    files = {"realm.json": realm} | {
        f"messages-{number:06}.json": {"zerver_message": page} for number, page in enumerate(pages)
    }
    with tarfile.open(path, "w:gz") as tar:
        for name, value in files.items():
            data = json.dumps(value).encode()
            info = tarfile.TarInfo(f"acme/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def rocketchat(path: Path, count: int) -> Path:
    users = [{"_id": f"u{i}", "username": f"person{i}x", "name": f"P {i}"} for i in range(PEOPLE)]
    rooms = [{"_id": f"r{i}", "t": "c", "name": f"room-{i}"} for i in range(ROOMS)]
    messages = []
    for one in said(count):
        message: dict[str, Any] = {
            "_id": f"m{one.number}", "rid": f"r{one.room}", "msg": one.text,
            "ts": {"$date": _iso(one.number)}, "u": {"_id": f"u{one.person}"},
        }  # fmt: skip
        if one.root is not None:
            message["tmid"] = f"m{one.root}"
        elif one.number % GROUP == 0:
            message["tcount"] = 1
        if one.reaction is not None:
            message["reactions"] = {":+1:": {"usernames": [f"person{one.reaction}x"]}}
        messages.append(message)
    collections = {"users": users, "rocketchat_room": rooms, "rocketchat_message": messages}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, documents in collections.items():
            lines = "".join(json.dumps(one) + "\n" for one in documents)
            archive.writestr(f"{name}.json", lines)
    return path


def irc(path: Path, count: int) -> Path:
    """A log of WeeChat for each channel."""
    lines: list[list[str]] = [[] for _ in range(ROOMS)]
    for one in said(count):
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(START + one.number))
        lines[one.room].append(f"{at}\tperson{one.person}x\t{' '.join(one.text.split())}\n")
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for number, log in enumerate(lines):
            archive.writestr(f"irc.libera.#room-{number}.weechatlog", "".join(log))
    return path


def csv_table(path: Path, count: int) -> Path:
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["time", "sender", "room", "text"])
        for one in said(count):
            table.writerow([_iso(one.number), f"person{one.person}x", f"room-{one.room}", one.text])
    return path


def _iso(number: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(START + number))


EXPORTS: dict[str, Callable[[Path, int], Path]] = {
    "slack": slack,
    "mattermost": mattermost,
    "rocketchat": rocketchat,
    "zulip": zulip,
    "discord": discord,
    "matrix": matrix,
    "irc": irc,
    "csv": csv_table,
}

LARGE: dict[str, Callable[[Path, int], Path]] = {
    "slack": lambda path, count: slack(path, count, ZIP_STORED),
    "mattermost": mattermost,
    "matrix": matrix,
    "discord": discord_channel,
}
"""An archive, lines in no order of time, and one JSON object each; written with little memory."""
