"""A bulk export of Mattermost, with the traps of real ones. Written from the public description of
the format."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

HEAD: list[dict[str, Any]] = [
    {"type": "version", "version": 1},
    {"type": "role", "role": {"name": "x"}},
    {"type": "team", "team": {"name": "acme", "display_name": "Acme", "type": "I"}},
    *(
        {"type": "channel", "channel": {"team": "acme", "type": type, **more}}
        for type, more in (
            ("O", {"name": "town-square", "display_name": "Town Square", "header": "Hi"}),
            ("O", {"name": "ops", "display_name": "Ops"}),
            ("P", {"name": "board", "display_name": "The Board"}),
        )
    ),
    *(
        {
            "type": "user",
            "user": {
                "username": name,
                "email": f"{name}@acme.test",
                "teams": [{"name": "acme", "channels": [{"name": one} for one in channels]}],
                **more,
            },
        }
        for name, channels, more in (
            ("ana", ["town-square", "ops"], {"nickname": "Ana L."}),
            ("bo", ["town-square", "board"], {"first_name": "Bo", "last_name": "B."}),
            ("cy", ["town-square"], {"delete_at": 1_700_000_000_000}),
        )
    ),
    {"type": "bot", "bot": {"username": "deploys", "display_name": "Deploys"}},
]


def post(at: int, message: str, user: str = "ana", channel: str = "ops", **more: object) -> Any:
    """A line with a post; `at` is in seconds."""
    said = {"team": "acme", "channel": channel, **reply(at, message, user, **more)}
    return {"type": "post", "post": said}


def direct(at: int, message: str, *members: str, **more: object) -> Any:
    said = {"channel_members": list(members), **reply(at, message, members[0], **more)}
    return {"type": "direct_post", "direct_post": said}


def reply(at: int, message: str, user: str = "ana", **more: object) -> dict[str, Any]:
    return {"user": user, "message": message, "create_at": at * 1000, **more}


def mattermost_export(path: Path, *lines: object, files: dict[str, bytes] | None = None) -> Path:
    """JSON Lines at `path`, or with `files` an archive of them. A line may be bytes."""
    encoded = [
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in (*HEAD, *lines)
    ]
    data = b"\n".join(encoded) + b"\n"
    if files is None:
        path.write_bytes(data)
        return path
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("import.jsonl", data)
        for name, content in files.items():
            archive.writestr(name, content)
    return path
