"""docs/protocol.md says what the code does: the same events, fields and codes."""

import re
from pathlib import Path
from typing import get_origin

import msgspec
import pytest
from msgspec import UNSET

from chatapp.app.factory import create_app
from chatapp.config import Config
from chatapp.domain import errors
from chatapp.protocol.events import EVENTS
from chatapp.protocol.pushes import PUSHES
from chatapp.protocol.requests import Post

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
EMITTED = PAGE[PAGE.index("## What you emit") : PAGE.index("## What you hear")]
UNASKED = PAGE.partition("## What you hear")[2].partition("\n## ")[0]
HEARD = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^### |\Z)", UNASKED, re.MULTILINE | re.DOTALL))
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", EMITTED, re.MULTILINE | re.DOTALL))


PAYLOADS = {name: event.request for name, event in EVENTS.items()} | {"message": Post}


def test_the_page_lists_the_events_that_clients_may_emit():
    assert set(SECTIONS) == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_the_page_lists_the_fields_of_a_payload(event):
    listed = set(re.findall(r"^\| `(\w+\??)` \|", SECTIONS[event], re.MULTILINE))

    fields = {
        field.encode_name + ("" if field.required else "?")
        for field in msgspec.structs.fields(PAYLOADS[event])
    }

    assert listed == fields


@pytest.mark.parametrize("event", EVENTS)
def test_the_page_draws_the_answers(event):
    drawn = drawing(SECTIONS[event].partition("Answer:")[2])

    answer = EVENTS[event].answer
    assert answer is type(None) or drawn == {
        field.encode_name + ("?" if field.default is UNSET else "")
        for field in msgspec.structs.fields(answer)
    }
    assert (answer is type(None)) == ("Answer:" not in SECTIONS[event])


def test_the_page_lists_what_the_server_says_unasked():
    listed = [name for heading in HEARD for name in re.findall(r"`(\w+)`", heading)]

    assert sorted(listed) == sorted(PUSHES)


@pytest.mark.parametrize("heading", [each for each in HEARD if HEARD[each].startswith("\n`{")])
def test_the_page_draws_what_the_server_says_unasked(heading):
    drawn = {name.rstrip("?") for name in drawing(HEARD[heading])}

    push = PUSHES[re.findall(r"`(\w+)`", heading)[0]]
    if get_origin(push) is None:
        fields = msgspec.structs.fields(push)
        assert {field.encode_name for field in fields if field.required} <= drawn
        assert drawn - {"…"} <= {field.encode_name for field in fields}


def drawing(text):
    """The fields of the first `{…}`, without what is drawn within them."""
    whole = text[text.index("{") + 1 :] if "{" in text else ""
    flat = ""
    depth = 0
    for letter in whole:
        depth += (letter in "{[") - (letter in "}]")
        if depth < 0:
            break
        if depth == 0 and letter not in "}]":
            flat += letter
    return {part.partition(":")[0].strip() for part in flat.split(",")}


def test_the_page_lists_the_codes_of_refusals():
    answers = PAGE[PAGE.index("## Answers") : PAGE.index("## What you emit")]
    listed = set(re.findall(r"^\| `(\w+)` \|", answers, re.MULTILINE))

    codes = {error.code for error in errors.ChatError.__subclasses__()}

    assert listed == codes


def test_the_server_answers_the_events_that_the_page_lists(tmp_path):
    app = create_app(Config(data=tmp_path))

    events = app.extensions["realtime"].events
    app.extensions["resources"].close()

    assert set(events) == set(SECTIONS)
