"""docs/protocol.md says what the code does: the same events, fields and codes."""

import re
from pathlib import Path

import msgspec
import pytest

from chatapp import errors, wire
from chatapp.config import Config
from chatapp.factory import create_app

PAGE = (Path(__file__).parent.parent / "docs" / "protocol.md").read_text()
EMITTED = PAGE[PAGE.index("## What you emit") : PAGE.index("## What you hear")]
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", EMITTED, re.MULTILINE | re.DOTALL))

PAYLOADS = {
    "message": wire.Post,
    "edit": wire.Edit,
    "delete": wire.Delete,
    "react": wire.React,
    "join": wire.Join,
    "leave": wire.Leave,
    "create": wire.Create,
    "update": wire.Update,
    "invite": wire.Invite,
    "remove": wire.Remove,
    "mute": wire.Mute,
    "kick": wire.Kick,
    "ban": wire.Ban,
    "unban": wire.Ban,
    "rooms": wire.ListRooms,
    "history": wire.ReadHistory,
    "versions": wire.ReadVersions,
    "search": wire.Search,
    "resume": wire.Resume,
    "read": wire.Read,
    "prefs": wire.Prefs,
    "arrange": wire.Arrange,
    "status": wire.Status,
    "typing": wire.Typing,
    "people": wire.ListPeople,
    "profile": wire.ChangeProfile,
}


def test_the_page_lists_the_events_that_clients_may_emit():
    assert set(SECTIONS) == set(PAYLOADS)


@pytest.mark.parametrize("event", PAYLOADS)
def test_the_page_lists_the_fields_of_a_payload(event):
    listed = set(re.findall(r"^\| `(\w+\??)` \|", SECTIONS[event], re.MULTILINE))

    fields = {
        field.encode_name + ("" if field.required else "?")
        for field in msgspec.structs.fields(PAYLOADS[event])
    }

    assert listed == fields


def test_the_page_lists_the_codes_of_refusals():
    answers = PAGE[PAGE.index("## Answers") : PAGE.index("## What you emit")]
    listed = set(re.findall(r"^\| `(\w+)` \|", answers, re.MULTILINE))

    codes = {error.code for error in errors.ChatError.__subclasses__()}

    assert listed == codes


def test_the_server_answers_the_events_that_the_page_lists(tmp_path):
    app = create_app(Config(data=tmp_path))

    events = app.extensions["realtime"].events
    app.extensions["house"].close()

    assert set(events) == set(SECTIONS)
