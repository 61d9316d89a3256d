"""An export of a Zulip organization, with the traps of real ones. Written from the public
description of its tables."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

START = 1_709_200_000
ANA, BO, CY, ROBOT = 1, 2, 3, 4
OPS, BOARD, TO_ANA, TO_BO, GROUP = 10, 11, 12, 13, 14
"""Recipients."""

REALM: dict[str, Any] = {
    "zerver_realm": [{"id": 1, "string_id": "acme"}],
    "zerver_userprofile": [
        {"id": ANA, "full_name": "Ana L.", "delivery_email": "ana@acme.test", "email": "user1@x"},
        {"id": BO, "full_name": "Bo B.", "email": "bo@acme.test"},
        {"id": CY, "full_name": "Cy", "email": "cy@acme.test", "is_active": False},
        {"id": ROBOT, "full_name": "Robot", "email": "robot-bot@acme.test", "is_bot": True},
    ],
    "zerver_stream": [
        {"id": 100, "name": "ops", "description": "Keep it up", "date_created": START},
        {"id": 101, "name": "board", "invite_only": True},
    ],
    "zerver_recipient": [
        {"id": OPS, "type": 2, "type_id": 100},
        {"id": BOARD, "type": 2, "type_id": 101},
        {"id": TO_ANA, "type": 1, "type_id": ANA},
        {"id": TO_BO, "type": 1, "type_id": BO},
        {"id": GROUP, "type": 3, "type_id": 7},
    ],
    "zerver_subscription": [
        {"user_profile": ANA, "recipient": OPS, "active": True},
        {"user_profile": BO, "recipient": OPS, "active": False},
        {"user_profile": BO, "recipient": BOARD, "active": True},
        *({"user_profile": one, "recipient": GROUP, "active": True} for one in (ANA, BO, ROBOT)),
    ],
}


def message(id: int, content: str, sender: int = ANA, recipient: int = OPS, **more: object) -> Any:
    """Sent so many seconds after the start."""
    sent = {"id": id, "sender": sender, "recipient": recipient, "date_sent": START + id + 0.25}
    rendered = {"content": content, "rendered_content": f"<p>{content}</p>", "subject": ""}
    return {**sent, **rendered, "last_edit_time": None, **more}


def zulip_export(
    path: Path, *pages: list[Any], files: dict[str, bytes] | None = None, **tables: object
) -> Path:
    """An archive with these pages of messages."""
    named = {"acme/realm.json": json.dumps({**REALM, **tables}).encode()}
    for number, page in enumerate(pages, 1):
        content = {"zerver_message": page, "zerver_usermessage": [{"id": 1}]}
        named[f"acme/messages-{number:06}.json"] = json.dumps(content).encode()
    named |= {f"acme/{name}": data for name, data in (files or {}).items()}
    with tarfile.open(path, "w:gz") as tar:
        for name, data in named.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path
