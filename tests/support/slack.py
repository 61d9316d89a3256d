"""A Slack export as a ZIP archive, with the traps of real ones. Written from the public description
of the format."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

USERS: list[dict[str, Any]] = [
    {"id": "U1", "name": "ana", "profile": {"display_name": "Ana L.", "email": "ana@acme.test"}},
    {"id": "U2", "name": "bo", "profile": {"real_name": "Bo B."}},
    {"id": "U3", "name": "cy", "deleted": True, "profile": {}},
    {"id": "U4", "name": "deploys", "is_bot": True, "profile": {"real_name": "Deploys"}},
]
CHANNELS: list[dict[str, Any]] = [
    {
        "id": "C1",
        "name": "general",
        "is_general": True,
        "members": ["U1", "U2"],
        "created": 1_700_000_000,
        "creator": "U1",
        "topic": {"value": "Tea &amp; cake"},
    },
    {"id": "C2", "name": "ops", "members": ["U1"], "is_archived": True},
]
GROUPS: list[dict[str, Any]] = [{"id": "G1", "name": "board", "members": ["U2"]}]
DMS: list[dict[str, Any]] = [
    {"id": "D1", "members": ["U1", "U2"]},
    {"id": "D2", "members": ["U1", "U3"]},
]
MPIMS: list[dict[str, Any]] = [{"id": "G2", "name": "mpdm-x", "members": ["U1", "U2", "U3"]}]


def said(ts: str, text: str, user: str = "U1", **more: object) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


def slack_export(path: Path, days: dict[str, Any], **other: object) -> Path:
    """An archive at `path`. `days` are the messages of each file of a channel; `other` replaces
    files of the same name, or bytes of any other one."""
    files: dict[str, Any] = {
        "users.json": USERS,
        "channels.json": CHANNELS,
        "groups.json": GROUPS,
        "dms.json": DMS,
        "mpims.json": MPIMS,
        **{f"{name}.json": messages for name, messages in days.items()},
        **other,
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, value in files.items():
            if value is not None:
                data = value if isinstance(value, bytes) else json.dumps(value).encode()
                archive.writestr(name, data)
    return path
