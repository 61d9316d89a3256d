"""What DiscordChatExporter writes, with the traps of real exports. Written from the fields that its
documentation and its users describe."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

CHANNEL = {"id": "100", "type": "GuildTextChat", "categoryId": "1", "category": "Talk"}
PEOPLE = {"ana": "11", "bo": "12", "robot": "13", "Deleted User": "456226577798135808"}


def user(name: str, **more: object) -> dict[str, Any]:
    return {
        "id": PEOPLE[name],
        "name": name,
        "discriminator": "0000",
        "nickname": f"{name.title()} L.",
        "color": None,
        "isBot": name == "robot",
        "roles": [],
        "avatarUrl": "https://cdn.test/a.png",
        **more,
    }


def said(id: int, content: str, name: str = "ana", second: int = 0, **more: object) -> Any:
    return {
        "id": str(id),
        "type": "Default",
        "timestamp": f"2024-02-29T09:46:{second:02}.1230000+00:00",
        "timestampEdited": None,
        "isPinned": False,
        "content": content,
        "author": user(name),
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        **more,
    }


def channel_file(*messages: object, indent: int | None = 2, **channel: object) -> bytes:
    """A file as the program writes it: a message may be no message."""
    whole = {
        "guild": {"id": "1", "name": "Acme", "iconUrl": ""},
        "channel": {**CHANNEL, "name": "ops", "topic": "Keep it up", **channel},
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2024-03-01T00:00:00+00:00",
        "messages": messages,
        "messageCount": len(messages),
    }
    return json.dumps(whole, indent=indent, ensure_ascii=False).encode()


def archive(path: Path, **files: bytes) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as zip:
        for name, data in files.items():
            zip.writestr(name, data)
    return path
