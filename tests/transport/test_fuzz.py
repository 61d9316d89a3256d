"""Nonsense on live sockets: no traceback, nothing left behind, and the others do not notice."""

import json
import os
import random
import socket
from contextlib import suppress

import pytest

from tests.support.relay import RESET
from tests.support.waiting import DEADLINE_SECONDS, wait_until
from tests.transport.raw import RawClient, fragments, masked, text
from tests.transport.serving import Serving, living_greenlets

CAMPAIGNS = 4_000 if os.environ.get("TORTURE") else 60
PACKETS = [
    b"", b"0", b"1", b"2", b"2probe", b"3", b"4", b"5", b"6", b"7", b"b4AAA", b"40", b"41", b"43",
    b'40{"name":"x"}', b"40/x,", b"44", b'45-["a"]', b'451-["say",{"_placeholder":true}]',
    b'42["say","hola"]', b'421["say",', b'421["echo",1]', b"42" + b"9" * 30 + b'["echo",1]',
    b'42["promise",1]', b'427["promise",1]', b'428["alone",1]', b'421["crash"',
    b'42["' + b"n" * 5000 + b'"]', b'42["say","\\ud800"]',
    b'42["say",' + b"[" * 3000 + b"]" * 3000 + b"]", b'42["connect"]', b'42["disconnect"]',
    b'4310[{"x":1}]', b'4399["y"]', b"46", b'42/admin,["say"]', b"\x00" * 10, b"42[null]",
]  # fmt: skip


def nonsense(dice: random.Random) -> bytes:
    """A few frames, some of them as they should be."""
    words = []
    for _ in range(dice.randint(1, 12)):
        packet = dice.choice(PACKETS)
        if dice.random() < 0.3:
            packet = _mutated(dice, packet)
        kind = dice.random()
        if kind < 0.6:
            words.append(text(packet))
        elif kind < 0.75:
            words.append(fragments(packet or b"4", dice.randint(1, 20)))
        elif kind < 0.9:
            words.append(masked(dice.randrange(256), packet[:120]))
        else:
            words.append(dice.randbytes(dice.randint(1, 40)))
    stream = b"".join(words)
    return stream[: dice.randint(1, len(stream))] if dice.random() < 0.3 else stream


def _mutated(dice: random.Random, packet: bytes) -> bytes:
    at = dice.randint(0, len(packet))
    return packet[:at] + dice.randbytes(dice.randint(0, 4)) + packet[at + dice.randint(0, 3) :]


@pytest.mark.parametrize("seed", range(4))
def test_nonsense_leaves_nothing_behind(
    serving: Serving,
    seed: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    dice = random.Random(seed)
    bystander = serving.raw().join()
    bystander.ask("echo", 0)
    before = serving.inside(living_greenlets)

    for _ in range(CAMPAIGNS):
        client = RawClient(serving.address)
        if dice.random() < 0.7:
            client.join()
        with suppress(OSError):
            client.socket.sendall(nonsense(dice))
        if dice.random() < 0.5:
            with suppress(OSError, EOFError, AssertionError):
                client.frame(0.01)
        if dice.random() < 0.5:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.close()
        if dice.random() < 0.5:
            serving.inside(serving.chat.keep_promises)

    serving.inside(serving.chat.keep_promises)
    wait_until(lambda: serving.connections == 1)
    assert bystander.ask("echo", "calm", id=7) == "calm"
    wait_until(lambda: serving.inside(living_greenlets) <= before + MORE_WORKERS)
    errors = [
        record.message
        for record in caplog.records
        if record.levelname == "ERROR" and record.name != "engineio.client"  # of tests before
    ]
    assert [message for message in errors if "'crash'" not in message] == []
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("seed", range(2))
def test_odd_requests_are_answered_and_leave_nothing_behind(
    serving: Serving,
    seed: int,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    dice = random.Random(seed)

    for _ in range(CAMPAIGNS * 2):
        with socket.create_connection(serving.address) as sock:
            sock.sendall(_odd_request(dice))
            sock.shutdown(socket.SHUT_WR)
            sock.settimeout(DEADLINE_SECONDS)
            with suppress(OSError):
                assert sock.recv(65536)[:9] in (b"HTTP/1.1 ", b"")

    serving.raw().join().ask("echo", "calm")
    engine = serving.realtime._engine
    serving.inside(lambda: [engine.lost(c, "cleared") for c in list(engine.sockets.values())])
    assert "Traceback" not in caplog.text + capfd.readouterr().err


def _odd_request(dice: random.Random) -> bytes:
    query = "&".join(
        f"{dice.choice(['EIO', 'transport', 'sid', 'j', 't', '%00'])}="
        f"{dice.choice(['4', '3', 'polling', 'websocket', 'x', '', '%ff', '4' * 300])}"
        for _ in range(dice.randint(0, 4))
    )
    method = dice.choice(["GET", "POST", "OPTIONS", "PUT", "HEAD", "BREW"])
    start = dice.choice(["?EIO=4&transport=polling&", "?EIO=4&transport=websocket&", "?", ""])
    head = [
        f"{method} /socket.io/{start}{query} HTTP/1.1",
        "Host: a",
    ]
    odds = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Version: 8",
        "Sec-WebSocket-Key: x",
        "Sec-WebSocket-Key: \xff",
        "Origin: null",
        "Cookie: a=b",
        "Content-Length: 5",
        "Content-Length: 5000000",
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "X: " + "y" * 3000,
    ]
    head += dice.sample(odds, dice.randint(0, 5))
    return "\r\n".join([*head, "", ""]).encode("latin-1") + dice.randbytes(dice.randint(0, 30))


MORE_WORKERS = 8
"""Greenlets that may be kept for later."""


def test_memory_is_back_where_it_was(serving: Serving) -> None:
    def megabytes() -> float:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * 4096 / 1e6

    def visit() -> None:
        for size in (10, 1_000, 100_000):
            client = RawClient(serving.address).join()
            for _ in range(20):
                client.say('42["echo",' + json.dumps("x" * size) + "]")
            client.ask("echo", 1)
            client.close()

    for _ in range(5):
        visit()
    before = megabytes()
    for _ in range(20):
        visit()
    wait_until(lambda: serving.connections == 0)

    assert megabytes() - before < 15
