"""One connection that asks and asks: others come first, and memory stays bounded."""

import json
import time
from collections.abc import Callable

import pytest

from chatapp.domain.rates import Rate
from chatapp.transport import Connection, Realtime
from chatapp.transport.loop_scheduler import SLICE_BYTES
from chatapp.transport.receiver import MAX_UNSENT_BYTES
from tests.support.waiting import wait_until
from tests.transport.raw import masked, text
from tests.transport.serving import Serving

PAGE = "x" * 100_000
BURN_SECONDS = 0.002


class Asked:
    """Handlers that take time, and that answer at length; and how often each was called."""

    def __init__(self, realtime: Realtime) -> None:
        self.burnt = 0
        self.pages = 0
        self.connections: list[Connection] = []
        realtime.on_connect(lambda connection, auth, environ: self.connections.append(connection))
        realtime.receive("burn", self.burn)
        realtime.receive("page", self.page, weight=2)
        realtime.receive("echo", lambda connection, payload: json.loads(payload))

    def burn(self, connection: Connection, payload: bytes) -> None:
        self.burnt += 1
        end = time.perf_counter() + BURN_SECONDS
        while time.perf_counter() < end:
            pass

    def page(self, connection: Connection, payload: bytes) -> str:
        self.pages += 1
        return PAGE


@pytest.fixture
def serving(serve: Callable[..., Serving]) -> Serving:
    return serve(Asked)


def emits(event: str, count: int, first: int = 0) -> bytes:
    return b"".join(text(f'42{n}["{event}",{n}]') for n in range(first, first + count))


def test_others_are_answered_before_the_rest_of_a_flood(serving: Serving) -> None:
    flooder, other = serving.raw().join(), serving.raw().join()
    flooder.socket.sendall(emits("burn", 500))
    wait_until(lambda: serving.chat.burnt > 0)

    assert other.ask("echo", 1) == 1

    assert serving.chat.burnt < 500
    assert [flooder.packet() for _ in range(500)] == [b"43%d[]" % n for n in range(500)]


def test_many_who_flood_at_once_hold_nobody_up_for_long(serving: Serving) -> None:
    flooders, other = [serving.raw().join() for _ in range(20)], serving.raw().join()
    for flooder in flooders:
        flooder.socket.sendall(emits("burn", 100))
    wait_until(lambda: serving.chat.burnt > 0)

    for number in range(5):
        assert other.ask("echo", number, id=number + 1) == number

    assert serving.chat.burnt < 20 * 100


def test_what_is_not_read_is_not_answered_any_further(serving: Serving) -> None:
    greedy, other = serving.raw(receive_buffer=4096).join(), serving.raw().join()
    transport = serving.chat.connections[0].transport
    greedy.socket.sendall(emits("page", 300))
    wait_until(lambda: transport.unsent_bytes > MAX_UNSENT_BYTES)

    assert other.ask("echo", 1) == 1

    assert serving.chat.pages < 300
    assert transport.unsent_bytes <= MAX_UNSENT_BYTES + SLICE_BYTES + 2 * len(PAGE)
    for number in range(300):
        assert greedy.packet().startswith(b"43%d[" % number)
    assert serving.chat.pages == 300


def test_pings_of_a_client_that_does_not_read_are_not_answered_for_ever(serving: Serving) -> None:
    greedy = serving.raw(receive_buffer=4096).join()
    transport = serving.chat.connections[0].transport
    greedy.socket.sendall(emits("page", 100))
    wait_until(lambda: transport.unsent_bytes > MAX_UNSENT_BYTES)
    greedy.socket.settimeout(0.3)

    with pytest.raises(TimeoutError):  # noqa: PT012 - at some point nothing more is taken
        while True:
            greedy.socket.send(masked(0x89, b"x" * 100) * 1000)

    assert transport.unsent_bytes < 3 * MAX_UNSENT_BYTES


def limited(rate: Rate, connections: int = 0) -> Callable[[Realtime], Asked]:
    def configure(realtime: Realtime) -> Asked:
        realtime.limit_events(rate, connections)
        return Asked(realtime)

    return configure


def test_beyond_the_rate_the_answer_says_when_again(serve: Callable[..., Serving]) -> None:
    serving = serve(limited(Rate(burst=5, per_second=2.0)))
    client = serving.raw().join()  # which weighs one

    client.socket.sendall(emits("echo", 8))

    answers = [json.loads(client.packet()[3:])[0] for _ in range(8)]
    assert answers[:3] == [0, 1, 2]
    refused = answers[-1]["error"]
    assert refused["code"] == "rate_limited"
    assert 0 < refused["retry_after"] < 10


@pytest.mark.parametrize(
    "packet", ['42["nonsense",1]', '42["burn",1]', "431[]", '42["a","b","c"]', '451-["x"]']
)
def test_whoever_goes_on_beyond_the_rate_is_read_no_faster_than_it(
    serve: Callable[..., Serving], packet: str
) -> None:
    serving = serve(limited(Rate(burst=50, per_second=20.0)))
    flooder = serving.raw().join()
    flooder.socket.settimeout(0.5)
    flood = text(packet) * 5_000
    sent = 0

    with pytest.raises(TimeoutError):  # noqa: PT012 - at some point nothing more is taken
        while sent < 1_000 * len(flood):
            sent += flooder.socket.send(flood)

    assert serving.chat.burnt < 500
    assert serving.raw().join().ask("echo", 1) == 1


def test_a_flood_by_many_names_leaves_others_of_the_address_a_little(
    serve: Callable[..., Serving],
) -> None:
    serving = serve(limited(Rate(burst=100, per_second=10.0), connections=40))
    for _ in range(5):
        flooder = serving.raw().join()
        flooder.socket.sendall(emits("burn", 200))
    wait_until(lambda: serving.chat.burnt > 200)

    assert serving.raw().join().ask("echo", 1) == 1


def test_too_many_connects_from_one_address_are_told_to_come_later(
    serve: Callable[..., Serving],
) -> None:
    serving = serve(limited(Rate(burst=100, per_second=10.0), connections=10))

    statuses = []
    for _ in range(30):
        client = serving.raw()
        statuses.append(client.status)
        client.close()

    assert statuses[:10] == [101] * 10
    assert 503 in statuses
