"""One guest floods the real server with its default settings; honest people hardly notice.

The short form of `benchmarks/hostile/guest.py`: what holds however slow the machine is. Nobody is
closed, nothing honest is refused, every honest message is answered, memory stays bounded.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.hostile import sockets as attacks
from benchmarks.hostile.guest import Attack, Honest, Memory, Row, fill, start
from benchmarks.hostile.sockets import Stage
from benchmarks.support.process import ServerProcess, free_port

LISTENERS = 10
SECONDS = 0.5
LONG_MESSAGES = 200


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flooded") / "data"
    fill(folder, Row("floods", attacks.nothing, "", long_messages=LONG_MESSAGES))
    return folder


@pytest.fixture(scope="module")
def flooded(data: Path) -> Iterator[ServerProcess]:
    server = start(data, free_port())
    yield server
    server.kill()  # a stop waits for those whose posts are not answered yet


@pytest.fixture
def honest(flooded: ServerProcess) -> Iterator[Honest]:
    with closing(Honest(flooded.address, LISTENERS)) as honest:
        yield honest


@pytest.mark.parametrize(
    "attack",
    [
        attacks.histories,
        attacks.histories_in_one_post,
        attacks.typings_at_once,
        attacks.typing,
        attacks.long_messages,
        attacks.people,
        attacks.rooms,
        attacks.join,
        attacks.status,
        attacks.read,
        attacks.unknown,
        attacks.search,
        attacks.acks,
        attacks.pings,
        attacks.waiting_posts,
    ],
    ids=lambda attack: attack.__name__,
)
def test_a_flood_closes_nobody_and_refuses_nothing_honest(flooded, honest, attack):
    stage = Stage(flooded.address, SECONDS)

    with Memory(flooded) as memory, Attack(attack, stage) as under_way:
        honest.go_on(lambda: under_way.is_over)

    assert len(honest.latencies) > 0
    assert (honest.closed, honest.refused, honest.unanswered) == (0, 0, 0)
    assert memory.grown_mb < 64
