"""The real server is killed under fifty writers: what it acked is in the log, once, in order."""

import contextlib
import json
import os
import random
import re
import select
import subprocess
import sys
import threading
import time
from collections import defaultdict

import pytest

from chatapp.bench.person import SimulatedPerson
from tests.test_way_of_a_message import log_lines

WRITERS = 50
IN_FLIGHT = 5
ROUNDS, LONGEST_SECONDS = (500, 0.6) if os.environ.get("TORTURE") else (10, 0.3)
"""TORTURE=1 is the long campaign."""
LIVES_SECONDS = (0.05, LONGEST_SECONDS)
"""So long the server lives under load, at least and at most."""
SEED = 20261122
ACK = re.compile(rb'43(\d+)\[\{"ok":true')


class Writer(SimulatedPerson):
    """Writes numbered messages, a few ahead of their acks, and remembers which were acked."""

    def __init__(self, address, name):
        super().__init__(address, name, "general")
        self.name = name
        self.acked = set()
        self._rest = b""

    def write(self):
        number = self._asked + 1
        self._ask("message", {"text": f"{self.name} {number}", "cid": f"{self.name} {number}"})

    def hear(self):
        """How many of its messages were acked just now."""
        more = self._socket.recv(262_144)
        if not more:
            raise ConnectionError("the server is gone")
        data = self._rest + more
        acks = ACK.findall(data)
        self._rest = data[-40:] if not acks else data[data.rindex(acks[-1]) + len(acks[-1]) :]
        self.acked |= {f"{self.name} {int(number)}" for number in acks}
        return len(acks)


def write_until_it_dies(writers):
    poll = select.epoll()
    by_fd = {writer.fileno(): writer for writer in writers}
    for fd, writer in by_fd.items():
        poll.register(fd, select.EPOLLIN)
        for _ in range(IN_FLIGHT):
            writer.write()
    with contextlib.suppress(OSError):
        while True:
            for fd, _ in poll.poll(5):
                for _ in range(by_fd[fd].hear()):
                    by_fd[fd].write()
    poll.close()


@pytest.mark.timeout(300 + 10 * ROUNDS)
def test_every_acked_message_survives_kill_9_of_the_server(server):
    chance = random.Random(SEED)
    acked = set()
    for round_number in range(ROUNDS):
        names = [f"w{round_number}-{number}" for number in range(WRITERS)]
        writers = [Writer(("127.0.0.1", server.port), name) for name in names]
        killer = threading.Thread(
            target=lambda: (time.sleep(chance.uniform(*LIVES_SECONDS)), server.kill9())
        )
        killer.start()
        write_until_it_dies(writers)
        killer.join()
        for writer in writers:
            acked |= writer.acked
            writer.leave()
        server.start()

    records = log_lines(server)
    texts = [record["text"] for record in records]
    assert len(acked) > ROUNDS
    assert acked <= set(texts)
    assert len(texts) == len(set(texts))
    assert [record["n"] for record in records] == list(range(1, len(records) + 1))
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    said = defaultdict(list)
    for text in texts:
        name, number = text.split()
        said[name].append(int(number))
    assert all(own == sorted(own) for own in said.values())
    verified = (
        subprocess.run(  # not in a warm process: those have no children, and this log is long
            [sys.executable, "-m", "chatapp", "log", "verify", "--json", "--data", server.data],
            capture_output=True,
            text=True,
            check=False,
        )
    )
    assert verified.returncode == 0, verified.stderr + verified.stdout
    assert json.loads(verified.stdout)
