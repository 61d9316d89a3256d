"""Collections of Rocket.Chat, with the traps of real ones. Written from the public description of
its documents."""

import json
from pathlib import Path
from typing import Any

from tests.support.discord import archive

START = 1_709_200_000_000
USERS: list[dict[str, Any]] = [
    {"_id": "a1", "username": "ana", "name": "Ana L.", "emails": [{"address": "ana@acme.test"}]},
    {"_id": "b2", "username": "bo", "name": "Bo B."},
    {"_id": "c3", "username": "cy", "active": False},
    {"_id": "r4", "username": "rocket.cat", "type": "bot"},
]
ROOMS: list[dict[str, Any]] = [
    {"_id": "GENERAL", "t": "c", "name": "general"},
    {"_id": "o", "t": "c", "name": "ops", "fname": "Ops", "topic": "Keep it up"},
    {"_id": "p", "t": "p", "name": "board"},
    {"_id": "a1b2", "t": "d", "uids": ["a1", "b2"], "usernames": ["ana", "bo"]},
    {"_id": "l", "t": "l"},
]
SUBSCRIPTIONS: list[dict[str, Any]] = [
    {"_id": "s1", "rid": "o", "u": {"_id": "a1", "username": "ana"}},
    {"_id": "s2", "rid": "p", "u": {"_id": "b2", "username": "bo"}},
]


def said(id: str, msg: str, name: str = "ana", second: int = 0, **more: object) -> dict[str, Any]:
    ids = {one["username"]: one["_id"] for one in USERS}
    return {
        "_id": id,
        "rid": "o",
        "msg": msg,
        "ts": {"$date": START + second * 1000},
        "u": {"_id": ids.get(name, f"x-{name}"), "username": name},
        **more,
    }


def rocketchat_export(path: Path, *messages: object) -> Path:
    collections: dict[str, list[Any]] = {
        "users.json": USERS,
        "rocketchat_room.json": ROOMS,
        "rocketchat_subscription.json": SUBSCRIPTIONS,
        "rocketchat_message.json": list(messages),
    }
    lines = {
        name: "".join(json.dumps(one) + "\n" for one in documents).encode()
        for name, documents in collections.items()
    }
    return archive(path, **lines)
