import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import socketio

from tests.support.accounts import PASSWORD
from tests.support.server import Server

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def chatapp(run_chatapp: Run, tmp_path: Path) -> Run:
    """`chatapp …` on the data folder that `server` has, if there is one."""

    def chatapp(*args: str, input: str = "") -> subprocess.CompletedProcess[str]:
        return run_chatapp(*args, env={"CHATAPP_DATA": str(tmp_path / "data")}, input=input)

    return chatapp


def test_what_was_done_is_in_the_audit_log(chatapp: Run) -> None:
    chatapp("user", "add", "Olga", "--role", "owner", "--password-stdin", input=PASSWORD)
    chatapp("invite", "--days", "3")
    chatapp("user", "ban", "[red]Eve", "--reason", "spam [bold]")

    table = chatapp("audit").stdout
    records = [json.loads(line) for line in chatapp("audit", "--json").stdout.splitlines()]
    bans = chatapp("audit", "--what", "ban", "--json").stdout.splitlines()

    assert [record["room"] for record in records] == ["add-account", "invite", "ban"]
    assert [json.loads(line)["n"] for line in bans] == [3]
    assert "[red]Eve" in table
    assert "spam [bold]" in table


def test_a_day_that_is_none_is_refused(chatapp: Run) -> None:
    answer = chatapp("audit", "--day", "yesterday")

    assert answer.returncode == 1
    assert "'yesterday' is not a day" in answer.stderr


def test_a_ban_beside_the_server_closes_connections_at_once(
    server: Server,
    chatapp: Run,
    connect: Callable[..., socketio.SimpleClient],
    wait_until: Callable[..., object],
) -> None:
    eve, ana = connect("Eve"), connect("Ana")

    assert chatapp("user", "ban", "eve", "--reason", "spam").returncode == 0

    wait_until(lambda: not eve.client.connected, what="Eve's socket to close")
    assert ana.call("message", {"text": "still here"})["ok"]
    assert chatapp("user", "unban", "eve").returncode == 0
    assert connect("Eve").call("message", {"text": "back"})["ok"]


@pytest.mark.parametrize("args", [["--reason", "x"], ["Eve", "--address", "::1", "--reason", "x"]])
def test_a_ban_is_of_a_name_or_an_address(chatapp: Run, args: list[str]) -> None:
    answer = chatapp("user", "ban", *args)

    assert answer.returncode == 1
    assert "Ban either a name or an address" in answer.stderr
