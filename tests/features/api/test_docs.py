"""The examples of docs/api.md work as they stand there."""

import json
import os
import re
import subprocess

import pytest

from chatapp.protocol.events import EVENTS
from chatapp.web.errors import STATUS_OF_CODE
from tests.support.cast import new_token
from tests.support.checkout import ROOT
from tests.support.readme import commands, pointed_at
from tests.support.waiting import DEADLINE_SECONDS

PAGE = ROOT / "docs" / "api.md"


@pytest.fixture(scope="module")
def answers(house, tmp_path_factory):
    """What each example answers, in the order of the page."""
    token, folder = new_token(house, "Ana", "member"), tmp_path_factory.mktemp("examples")

    def run(command):
        done = subprocess.run(
            ["bash", "-c", pointed_at(house.port, command)],
            cwd=folder,
            env={**os.environ, "TOKEN": token},
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=True,
        )
        return command, done.stdout

    return [run(command) for command in commands(PAGE)]


def test_each_example_is_answered(answers):
    asked = [(command, json.loads(said)) for command, said in answers if "curl" in command]

    assert len(asked) > 10
    assert [command for command, answer in asked if not answer["ok"]] == []
    assert "duplicate" in asked[-1][1]


def test_it_names_every_event_that_is_not_a_request_and_every_code():
    page = PAGE.read_text()
    named = set(re.findall(r"`([a-z_]+)`", page))

    kept = {event.name for event in EVENTS.values() if event.kept or event.only_connected}
    assert kept <= named
    assert set(STATUS_OF_CODE) - {"unsupported"} <= named
