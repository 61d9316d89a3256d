"""The examples of docs/mcp.md work as they stand there."""

import json
import os
import re
import subprocess
import sys

import pytest

from chatapp.client import ChatClient
from chatapp.protocol.agents import AGENT_TOOLS
from tests.features.agents.conftest import token_in
from tests.support.cast import chatapp, new_token
from tests.support.checkout import ROOT
from tests.support.readme import commands, pointed_at, snippets
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS

PAGE = ROOT / "docs" / "mcp.md"


@pytest.fixture(scope="module")
def token(house: Server) -> str:
    """That of the agent that the page makes, in a chat where somebody has said something."""
    with ChatClient(house.url, token=new_token(house, "ana", "member")) as ana:
        ana.send("general", "tea?")
    (command,) = [each for each in commands(PAGE) if "bot add" in each]
    return token_in(chatapp(house, *command.split()[1:]))


def test_the_requests_are_answered(house: Server, token: str) -> None:
    requests = [each for each in commands(PAGE) if each.startswith("curl")]
    assert len(requests) > 4

    for command in requests:
        done = subprocess.run(
            ["bash", "-c", pointed_at(house.port, command)],
            env={**os.environ, "TOKEN": token},
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=True,
        )
        assert json.loads(done.stdout)["ok"], command


def test_the_program_prints_what_it_reads(house: Server, token: str) -> None:
    (program,) = [each.text for each in snippets(PAGE) if each.language == "python"]

    ran = subprocess.run(
        [sys.executable, "-c", pointed_at(house.port, program)],
        env={**os.environ, "TOKEN": token},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )

    assert ran.stderr == ""
    assert ran.stdout == f"general/1 ana tea? http://localhost:{house.port}/?at=1\n"


def test_the_configuration_is_the_one_that_is_printed(house: Server) -> None:
    (shown,) = [json.loads(each.text) for each in snippets(PAGE) if each.language == "json"]

    made = json.loads(
        chatapp(house, *["bot", "add", "scout2", "--owner", "ana", "--rooms", "general", "--agent"])
    )

    assert made["mcpServers"].keys() == {"scout2"}
    assert made["mcpServers"]["scout2"].keys() == shown["mcpServers"]["scout"].keys()
    assert made["mcpServers"]["scout2"]["args"] == ["mcp", f"http://localhost:{house.port}"]


def test_it_names_every_tool() -> None:
    page = PAGE.read_text()
    named = set(re.findall(r"`([a-z_]+)`", page))

    assert {"list_rooms", "read_room", "room_as_of", "read_file", "list_drafts"} <= named
    assert {tool for tool in AGENT_TOOLS if f"/agent/{tool}" in page} >= {"rooms", "read", "draft"}
