"""A room as Element exports it, with the traps of real ones. Written from the event types of the
public specification of Matrix."""

import json
from pathlib import Path
from typing import Any

ROOM = "!ops:acme.test"
START = 1_709_200_000_000


def event(number: int, type: str, content: object, name: str = "ana", **more: object) -> Any:
    """The event `$number`, so many seconds after the start."""
    return {
        "type": type,
        "sender": f"@{name}:acme.test",
        "content": content,
        "event_id": f"${number}",
        "origin_server_ts": START + number * 1000,
        "room_id": ROOM,
        "unsigned": {"age": 5},
        **more,
    }


def text(number: int, body: str, name: str = "ana", **more: object) -> Any:
    return event(number, "m.room.message", {"msgtype": "m.text", "body": body, **more}, name)


def file(number: int, body: str, *, type: str = "m.file", size: int | None = None) -> Any:
    """A file, which the media store of the server has as `ab12cd` and its number."""
    content = {"msgtype": type, "body": body, "url": f"mxc://acme.test/ab12cd{number}"}
    return event(number, "m.room.message", content | ({"info": {"size": size}} if size else {}))


def member(number: int, name: str, membership: str = "join", shown: str = "") -> Any:
    content = {"membership": membership, "displayname": shown or name.title()}
    return event(number, "m.room.member", content, name, state_key=f"@{name}:acme.test")


def related(type: str | None, target: int, **more: object) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": type, "event_id": f"${target}", **more}}


def room_file(*events: object, name: str = "Ops") -> bytes:
    whole = {
        "room_name": name,
        "room_creator": "@ana:acme.test",
        "topic": "Keep it up",
        "export_date": "2024-03-01",
        "exported_by": "ana",
        "messages": events,
    }
    return json.dumps(whole, indent=4).encode()


def write(path: Path, *events: object, **options: Any) -> Path:
    path.write_bytes(room_file(*events, **options))
    return path
