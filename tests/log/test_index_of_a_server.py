"""The index of a running server: harmed by somebody's hand, and asked about by `log verify`."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from socketio import SimpleClient

from tests.support.server import Server

Connect = Callable[..., SimpleClient]
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def ana(server: Server, connect: Connect) -> SimpleClient:
    ana = connect("ana")
    ana.call("join", {"room": "general"})
    for number in range(60):
        said = ana.call("message", {"room": "general", "text": f"tea {number}"})
        assert said["ok"], said
        if number % 10 == 0:
            assert found(ana)
    assert len(found(ana)) == 50
    return ana


def found(ana: SimpleClient) -> list[Any]:
    page = ana.call("search", {"query": "tea", "limit": 50})
    return page["messages"] if page["ok"] else []


def cut(index: Path, suffix: str) -> None:
    with suppress(FileNotFoundError):
        os.truncate(index.with_name(f"{index.name}{suffix}"), 0)


def test_it_outlives_that_what_lies_beside_its_index_is_cut(
    server: Server, ana: SimpleClient, wait_until: Callable[..., Any]
):
    for suffix in ("-shm", "-wal"):
        cut(server.data / "index.sqlite3", suffix)
        assert ana.call("message", {"room": "general", "text": f"green tea {suffix}"})["ok"]
        assert ana.call("history", {"room": "general"})["ok"] or suffix == "-wal"

        wait_until(lambda: len(found(ana)) == 50, what="the index to be whole again")

    assert server.running
    texts = [message["text"] for message in found(ana)][:3]
    assert texts == ["green tea -wal", "green tea -shm", "tea 59"]


def test_verify_asks_it_about_its_index(server: Server, ana: SimpleClient, run_chatapp: Run):
    sound = run_chatapp("log", "verify", "--json", "--data", server.data)
    assert (sound.returncode, json.loads(sound.stdout)["ok"]) == (0, True)

    index = server.data / "index.sqlite3"
    index.write_bytes(b"garbage " * 20_000)

    damaged = run_chatapp("log", "verify", "--data", server.data)
    assert damaged.returncode == 1
    assert "index.sqlite3 is damaged" in damaged.stdout
