"""A server in a network of its own, whose cables to PostgreSQL and Redis are pulled out: nothing is
lost, doubled or reordered.

Only in the long campaign (TORTURE=1), and where networks can be made: test_faults.py has the same
with relays.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.closing import SimpleClient
from tests.support.cluster import JOURNALS, journal_bytes
from tests.support.network import Network
from tests.support.postgres import Postgres
from tests.support.redis import Redis
from tests.support.relay import Relay
from tests.support.server import COLD, Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, log_lines

ROUNDS = 50
"""Of each cable."""
PEOPLE, POSTGRES, REDIS = range(3)
SECONDS = (0.5, 7.0)
"""So long a cable is out: one time shorter, one time longer than TCP is given (SILENT_SECONDS)."""

pytestmark = pytest.mark.skipif(not os.environ.get("TORTURE"), reason="the long campaign has it")


@pytest.fixture
def network() -> Iterator[Network]:
    with ExitStack() as stack:
        try:
            network = stack.enter_context(Network())
        except PermissionError as error:
            pytest.skip(str(error))
        yield network


@pytest.fixture
def nodes(
    network: Network, postgres: Postgres, database: str, tmp_path: Path
) -> Iterator[tuple[Server, Server]]:
    """The first one is in the network."""
    with ExitStack() as stack:
        redis = Redis()
        stack.callback(redis.close)
        redis.start()
        url = urlsplit(database)
        to_postgres = stack.enter_context(Relay(url.port or 0, host="10.213.1.1"))
        to_redis = stack.enter_context(Relay(redis.port, host="10.213.2.1"))
        for folder in ("inside", "outside"):
            (tmp_path / folder).mkdir()
        inside = Server(
            tmp_path / "inside",
            {
                "CHATAPP_HOST": "10.213.0.2",
                "CHATAPP_ACCESS": "open",
                "CHATAPP_POSTGRES": f"postgresql://postgres@10.213.1.1:{to_postgres.port}{url.path}",
                "CHATAPP_REDIS": f"redis://10.213.2.1:{to_redis.port}/0",
            },
            command=network.command(*COLD),
        )
        inside.url = f"http://10.213.0.2:{inside.port}"
        outside = Server(
            tmp_path / "outside", {"CHATAPP_POSTGRES": database, "CHATAPP_REDIS": redis.url}
        )
        for server in (inside, outside):
            stack.callback(server.close)
            server.start()
        yield inside, outside


@pytest.mark.timeout(300 + 60 * ROUNDS)
def test_a_cable_that_is_pulled_out_loses_and_doubles_nothing(
    network: Network,
    nodes: tuple[Server, Server],
    connect: Callable[..., SimpleClient],
    run_chatapp: Callable[..., Any],
) -> None:
    inside, outside = nodes
    ana, eva = (
        connect(name, url=node.url, transports=["websocket"])
        for name, node in (("ana", inside), ("eva", outside))
    )
    said: list[str] = []

    def say(client: SimpleClient, text: str) -> None:
        said.append(text)
        message = {"room": "general", "text": text, "cid": text}
        wait_until(lambda: call(client, "message", message)["ok"], 60.0, f"{text} to be taken")

    for number in range(ROUNDS):
        for cable in (POSTGRES, REDIS):
            say(ana, f"{number} {cable} before")
            network.pull_out(cable)
            plugged_in_at = time.monotonic() + SECONDS[number % 2]
            say(eva, f"{number} {cable} meanwhile, of the others")
            after, acked = f"{number} {cable} after", []
            message = {"room": "general", "text": after, "cid": after}
            ana.client.emit("message", message, callback=acked.append)
            time.sleep(max(0.0, plugged_in_at - time.monotonic()))
            assert bool(acked) == (cable == REDIS)
            network.plug_in(cable)
            say(ana, after)

    for journal in JOURNALS:
        wait_until(
            lambda journal=journal: len({journal_bytes(node.data, journal) for node in nodes}) == 1,
            what=f"the same {journal}/ at both",
        )
    records = log_lines(outside)
    assert [record["text"] for record in records] == said
    assert all(b["seq"] == a["seq"] + 1 for a, b in pairwise(records))
    verified = run_chatapp("log", "verify", "--data", inside.data)
    assert verified.returncode == 0, verified.stdout + verified.stderr
