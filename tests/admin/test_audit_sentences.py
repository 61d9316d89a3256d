"""The audit log as people read it: sentences, in both languages, with nothing of a record lost."""

import json
import re
from pathlib import Path

import pytest

import chatapp
from chatapp.admin.audit_sentences import ACTIONS, AuditSentences
from chatapp.domain.model import Draft, Event
from chatapp.domain.rights import COMMAND_LINE
from chatapp.features.accounts.manager import AccountManager
from chatapp.protocol.requests import ChangeProfile
from chatapp.resources import STATIC
from chatapp.store.message_log import MessageLog
from chatapp.web.languages import Words
from tests.support.accounts import PASSWORD
from tests.support.pages import Browser

ENTRIES: list[tuple[str, dict[str, object], str, str]] = [
    ("login", {"address": "192.0.2.1"}, "Signed in", "from 192.0.2.1"),
    ("password", {}, "Changed their own password", ""),
    ("password", {"name": "mia"}, "Set a new password for Mia S.", ""),
    ("setup", {"role": "owner"}, "Created the first account and became owner", ""),
    (
        "invite",
        {"role": "member", "uses": 3, "days": 7},
        "Created an invite link: 3 uses, valid for 7 days (member)",
        "",
    ),
    (
        "invite",
        {"role": "bot", "invited_by": "mia"},
        "Joined with an invite link of Mia S. (bot)",
        "",
    ),
    ("ban", {"name": "eva", "reason": "noise"}, "Banned eva: noise", ""),
    (
        "add-incoming-webhook",
        {"name": "ci", "room": "tea", "source": "github"},
        "Created the incoming webhook ci for The tea room (github)",
        "",
    ),
    (
        "revoke-incoming-webhook",
        {"name": "ci", "room": "tea"},
        "Revoked the incoming webhook ci for The tea room",
        "",
    ),
    (
        "ban",
        {"name": "eva", "reason": "noise", "seconds": 86_400},
        "Banned eva for 1 day: noise",
        "",
    ),
    (
        "mute",
        {"name": "eva", "reason": "noise", "seconds": 5_400},
        "Muted eva for 90 minutes: noise",
        "",
    ),
    (
        "room",
        {"room": "tea", "archived": True, "slow_seconds": 10, "reason": "storm"},
        "Changed The tea room (archived, slow mode: 10 seconds): storm",
        "",
    ),
    (
        "setting",
        {"name": "access", "old": "open", "new": "members"},
        "Changed the setting “Who can join” from “open” to “members”",
        "",
    ),
    (
        "erase",
        {"room": "tea", "seq": 4, "reason": "law"},
        "Requested to erase message 4 in The tea room: law",
        "",
    ),
    (
        "erased",
        {"texts": 2, "what": "everything eva wrote"},
        "Erased 2 texts: everything eva wrote",
        "",
    ),
    ("erased", {"texts": 2, "name": "mia"}, "Erased 2 texts of Mia S.", ""),
    ("of the future", {"what": "x"}, "of the future", "what: x"),
]


def sentences(language: str = "en") -> AuditSentences:
    catalogue = json.loads((STATIC / "i18n" / f"{language}.json").read_text("utf-8"))
    return AuditSentences(
        Words(language, catalogue),
        lambda room: {"tea": "The tea room"}.get(room, room),
        lambda person: {"mia": "Mia S."}.get(person, person),
    )


def entry(action: str, text: str | None, sender: str = "ana") -> Event:
    return Event(room=action, sender=sender, seq=1, at="2026-11-22T09:30:00.123Z", text=text)


@pytest.mark.parametrize(("action", "details", "sentence", "rest"), ENTRIES)
def test_an_entry_is_a_sentence(
    action: str, details: dict[str, object], sentence: str, rest: str
) -> None:
    assert sentences().of(entry(action, json.dumps(details))) == (sentence, rest)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("details", [{}, *(details for _, details, _, _ in ENTRIES)])
def test_every_action_can_be_said_whatever_its_details_are(
    language: str, details: dict[str, object]
) -> None:
    for action in ACTIONS:
        sentence, rest = sentences(language).of(entry(action, json.dumps(details)))

        assert sentence != action
        assert "{" not in sentence + rest


def test_every_action_that_is_noted_has_a_sentence() -> None:
    package = Path(chatapp.__file__).parent
    sources = [file.read_text() for file in package.rglob("*.py")]
    noted = {
        action
        for source in sources
        for action in re.findall(r'_note\(\s*[\w.()]+(?: if [^"]*)?,\s*"([a-z-]+)"', source)
    }

    assert len(noted) > 20
    assert noted - {*ACTIONS} == set()


def test_who_acted_is_called_as_people_know_them(
    admin: Browser, accounts: AccountManager, audit: MessageLog
) -> None:
    accounts.create("mia", PASSWORD, "admin", ChangeProfile(display_name="Mia S."))
    for sender in ("mia", "?", COMMAND_LINE):
        audit.append(Draft(room="login", sender=sender, text="{}")).result()

    page = admin.get("/admin/audit").text

    assert re.findall(r'href="/admin/audit\?sender=[^"]*" dir="auto">([^<]*)<', page) == [
        "the command line",
        "someone unknown",
        "Mia S.",
    ]


def test_text_that_is_no_json_is_shown_as_it_is() -> None:
    assert sentences().of(entry("login", "<b>?")) == ("Signed in", "text: <b>?")
