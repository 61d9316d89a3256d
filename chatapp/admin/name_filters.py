"""Template functions that show rooms, people and actions by readable names instead of those in the
log."""

from collections.abc import Callable, Iterable

from flask import Blueprint

from chatapp.admin.audit_sentences import AuditSentences
from chatapp.domain.errors import NoSuchRoom
from chatapp.domain.model import Room
from chatapp.domain.notes import UNKNOWN
from chatapp.domain.rights import COMMAND_LINE, RETENTION, WEBHOOKS
from chatapp.web.languages import Words, words_of_reader

NOBODY = "–"
NAMELESS = {
    COMMAND_LINE: "admin.audit.command-line",
    RETENTION: "admin.audit.retention",
    WEBHOOKS: "admin.audit.outgoing-webhooks",
    UNKNOWN: "admin.audit.unknown",
}
"""Actors of the audit log that are no people."""


def add_names(admin: Blueprint, find: Callable[[str], Room], shown: Callable[[str], str]) -> None:
    """Adds `room_called(name)`, `person_called(name)` and `audit` (AuditSentences) for templates.
    `find(name)` is the room with this name; `shown(name)` is a person's display name."""

    def room_called(name: str) -> str:
        """The room's title, or `Direct message between Ana and Björn`, or its name if there is no
        such room."""
        try:
            room = find(name)
        except NoSuchRoom:
            return name
        if room.kind != "direct" or room.named:
            return room.title
        kind = "admin.group" if room.is_group else "admin.direct"
        return words_of_reader()(kind, names=_listed(map(shown, room.members.values())))

    def person_called(name: str) -> str:
        """The person's display name; also of whoever acts in the audit log, such as the command
        line."""
        key = NAMELESS.get(name)
        return words_of_reader()(key) if key else shown(name)

    @admin.context_processor
    def names() -> dict[str, object]:
        return {
            "room_called": room_called,
            "person_called": person_called,
            "audit": AuditSentences(words_of_reader(), room_called, person_called),
        }


def _listed(names: Iterable[str]) -> str:
    """`Ana, Björn and Cleo`."""
    t: Words = words_of_reader()
    everybody = sorted(names, key=str.casefold)
    if not everybody:
        return NOBODY
    *others, last = everybody
    return t("list.and", first=", ".join(others), last=last) if others else last
