"""Twenty clients, unique messages, broken lines and a server that is killed: nobody loses, doubles
or reorders anything."""

import os
import random
import threading

import pytest

from chatapp.client import ChatClient
from tests.support.relay import Relay
from tests.test_way_of_a_message import log_lines

CLIENTS = 20
ROUNDS = 200 if os.environ.get("TORTURE") else 10
"""TORTURE=1 is the long campaign."""
SEED = 20261122
SETTLE_SECONDS = 120.0


class Talker:
    """Sends its numbered messages, each until it is acked, and writes down what it hears."""

    def __init__(self, url: str, name: str) -> None:
        self.heard: list[str] = []
        self.said = 0
        self.client = ChatClient(
            url, name=name, timeout=SETTLE_SECONDS, reconnect_seconds=(0.1, 1.0)
        ).connect()
        self.name = name
        self._messages = self.client.messages("general", own=True)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def say_one(self) -> None:
        self.client.send("general", f"{self.name} {self.said}")
        self.said += 1

    @property
    def texts(self) -> set[str]:
        """All that was acked."""
        return {f"{self.name} {number}" for number in range(self.said)}

    def close(self) -> None:
        self.client.close()
        self._listener.join()

    def _listen(self) -> None:
        self.heard.extend(message.text for message in self._messages)


@pytest.mark.timeout(300 + 20 * ROUNDS)
def test_every_message_reaches_everyone_once_and_in_order(server, wait_until):
    chance = random.Random(SEED)
    with Relay(server.port) as relay:
        talkers = [Talker(relay.url, f"talker {number}") for number in range(CLIENTS)]
        for round_number in range(ROUNDS):
            threads = [threading.Thread(target=talker.say_one, daemon=True) for talker in talkers]
            for thread in threads:
                thread.start()
            relay.cut(0.3, chance)
            if round_number % 3 == 1:
                server.kill9()
                server.start()
            elif round_number % 3 == 2:
                server.stop()
                server.start()
            for thread in threads:
                thread.join(SETTLE_SECONDS)
                assert not thread.is_alive(), "a message was not acked in time"

        everything = set().union(*(talker.texts for talker in talkers))
        assert len(everything) == CLIENTS * ROUNDS
        wait_until(
            lambda: all(len(talker.heard) >= len(everything) for talker in talkers),
            SETTLE_SECONDS,
            "everyone to have heard everything",
        )
        for talker in talkers:
            talker.close()

    logged = [record["text"] for record in log_lines(server)]
    assert sorted(logged) == sorted(everything)
    for talker in talkers:
        assert talker.heard == logged
