"""Entries of the audit log as sentences: what somebody did, in the reader's words.

A sentence is `admin.act.<action>`, or a variant of it where an entry has a certain detail. Details
that the sentence does not name follow it, so nothing of the record is hidden.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.domain.model import Event
from chatapp.web.languages import Words

ACTIONS = (
    *("login", "logout", "failed-login", "refused", "setup", "invite", "revoke-invite"),
    *("add-account", "remove-account", "role", "profile", "clear-status", "password"),
    *("set-photo", "remove-photo"),
    *(
        "reset-link",
        "reset",
        "end-sessions",
        "token",
        "revoke-token",
        "bot-limits",
        "mute",
        "unmute",
    ),
    *("kick", "ban", "unban", "delete", "remove-file", "erase", "erased", "room", "add-member"),
    *("remove-member", "delete-room", "view", "setting", "add-emoji", "remove-emoji"),
    *("retention", "hold", "end-hold", "publish", "withdraw", "checkpoint", "rotate-key"),
    *("add-outgoing-webhook", "change-outgoing-webhook", "remove-outgoing-webhook"),
    "outgoing-webhook-off",
    *("add-incoming-webhook", "revoke-incoming-webhook", "agent", "draft"),
    *("add-slash-command", "remove-slash-command"),
)
"""The rooms of the audit log, as the filter offers them."""

WEBHOOK_ACTS = ("paused", "resumed", "skipped", "replayed", "rotated", "tested", "sent")
VARIANTS = {
    "password": (("name", "of"),),
    "invite": (("invited_by", "used"), ("name", "to")),
    "profile": (("display_name", "named"),),
    "mute": (("seconds", "lasting"),),
    "ban": (("seconds", "lasting"),),
    "erase": (("name", "person"), ("seq", "message")),
    "erased": (("name", "person"), ("seq", "message"), ("old", "old")),
    "retention": (("days", "days"), ("ever", "ever")),
    "publish": (("everything", "everything"),),
    "agent": (("refused", "refused"), ("room", "in")),
    "draft": (("seq", "posted"),),
    "add-slash-command": (("rooms", "rooms"),),
    "change-outgoing-webhook": tuple((did, did) for did in WEBHOOK_ACTS),
}
"""An action's details that have a sentence of their own, each with the end of its key."""

ROOM_CHANGES = (
    *("title", "topic", "archived", "read_only", "slow_seconds", "threads", "previews"),
    "pinning",
)
SETTINGS = {
    "name": "admin.name",
    "welcome": "admin.settings.welcome",
    "access": "admin.settings.access",
    "room_makers": "admin.settings.makers",
    "emoji_makers": "admin.settings.emoji",
    "max_text_bytes": "admin.settings.text",
    "message_rate": "admin.settings.rate",
    "room_rate": "admin.settings.room-rate",
    "connections": "admin.settings.connections",
    "connections_per_address": "admin.settings.per-address",
    "viewings": "admin.settings.viewings",
    "previews": "admin.settings.previews",
    "max_file_bytes": "admin.settings.file",
    "person_file_bytes": "admin.settings.person-files",
    "all_file_bytes": "admin.settings.all-files",
    "guest_files": "admin.settings.guest-files",
    "retention_days": "admin.retention.days",
    "web_rooms": "admin.settings.web",
}
"""The labels of settings."""
UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
NOTHING = "–"

Details = dict[str, Any]
Called = Callable[[str], str]
"""How people know what has this name in the log."""


class AuditSentences:
    """`room_called` and `person_called` are how people know a room and a person."""

    def __init__(self, t: Words, room_called: Called, person_called: Called) -> None:
        self._t = t
        self._room_called = room_called
        self._person_called = person_called

    def of(self, event: Event) -> tuple[str, str]:
        """The sentence, and the details that are not in it."""
        details = _details(event)
        key = self._key(event.room, details)
        if key is None:
            return event.room, self._rest(details, set())
        places = self._t.places(key)
        known = self._readable(event.room, details)
        sentence = self._t(key, **{place: known.get(place, NOTHING) for place in places})
        said = places | (set(ROOM_CHANGES) if event.room == "room" else set())
        return sentence, self._rest(details, said)

    def _key(self, action: str, details: Details) -> str | None:
        key = f"admin.act.{action}"
        for detail, end in VARIANTS.get(action, ()):
            if details.get(detail) not in (None, ""):
                return f"{key}.{end}"
        return key if key in self._t else None

    def _readable(self, action: str, details: Details) -> Details:
        """The details as a sentence says them."""
        shown = dict(details)
        if action == "setting":
            shown["name"] = self._setting(str(details.get("name", "")))
        elif "name" in details:
            shown["name"] = self._person_called(str(details["name"]))
        if "room" in details:
            shown["room"] = self._room_called(str(details["room"]))
        for person in ("invited_by", "owner"):
            if person in details:
                shown[person] = self._person_called(str(details[person]))
        if action == "draft":
            shown["state"] = self._draft_state(str(details.get("state", "")))
        if "role" in details:
            shown["role"] = self._role(str(details["role"]))
        if isinstance(seconds := details.get("seconds"), int):
            shown["time"] = self._lasting(seconds)
        if action == "room":
            shown["changes"] = self._changes(details)
        return shown

    def _setting(self, name: str) -> str:
        return self._t(SETTINGS[name]) if name in SETTINGS else name

    def _draft_state(self, state: str) -> str:
        key = f"admin.draft.{state}"
        return self._t(key) if key in self._t else state

    def _role(self, role: str) -> str:
        keys = (f"role.{role}", f"account.role.{role}")
        return next((self._t(key) for key in keys if key in self._t), role)

    def _lasting(self, seconds: int) -> str:
        """`10 minutes`, in the largest unit that divides it."""
        unit, size = next(one for one in UNITS if seconds % one[1] == 0)
        return self._t(f"admin.lasting.{unit}", count=seconds // size)

    def _changes(self, details: Details) -> str:
        """`archived, slow mode: 10 seconds`."""
        changes = [self._change(name, details[name]) for name in ROOM_CHANGES if name in details]
        return ", ".join(changes) or NOTHING

    def _change(self, name: str, value: Any) -> str:
        if name == "slow_seconds" and value:
            return self._t("admin.act.room.slow_seconds", time=self._lasting(value))
        if name in ("threads", "pinning"):
            return self._t(f"admin.act.room.{name}.{value}")
        if name in ("title", "topic"):
            return self._t(f"admin.act.room.{name}", text=value)
        return self._t(f"admin.act.room.{name}.{'on' if value else 'off'}")

    def _rest(self, details: Details, said: set[str]) -> str:
        if "time" in said:
            said = said | {"seconds"}
        rest = [(name, value) for name, value in details.items() if name not in said]
        return " · ".join(self._detail(name, value) for name, value in rest if value != "")

    def _detail(self, name: str, value: Any) -> str:
        key = f"admin.audit.detail.{name}"
        return self._t(key, value=value) if key in self._t else f"{name}: {value}"


def _details(event: Event) -> Details:
    try:
        return msgspec.json.decode(event.text or "{}", type=Details)
    except msgspec.DecodeError:
        return {"text": event.text}
