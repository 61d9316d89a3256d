"""Processes of a chat that tell each other something, and the ways on which they do."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol

import psycopg

from chatapp.cluster import broker as brokers
from chatapp.cluster.broker import ThreadedBroker
from chatapp.cluster.postgres_broker import PostgresBroker
from chatapp.cluster.redis_broker import RedisBroker
from chatapp.ports import Broker
from tests.support.redis import Redis
from tests.support.waiting import wait_until


class Brokers(NamedTuple):
    """Of processes of one chat; `until(condition, what=…)` waits, and lets them hear."""

    each: Sequence[Broker]
    until: Callable[..., object]


class Process:
    """A broker with the event loop of its process; `heard` are topics and payloads, `gaps` how
    often it was told of missed messages."""

    def __init__(self, make: Callable[[brokers.Deliver], ThreadedBroker]) -> None:
        self._steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.broker = make(self._steps.put)
        self.heard: list[tuple[str, bytes]] = []
        self.threads: set[int] = set()
        self.gaps = 0
        for topic in ("typing", "presence"):
            self.broker.subscribe(topic, partial(self._hear, topic))
        self.broker.on_gap(self._note_gap)

    def turn(self) -> None:
        while True:
            try:
                self._steps.get_nowait()()
            except Empty:
                return

    def _hear(self, topic: str, payload: bytes) -> None:
        self.heard.append((topic, payload))
        self.threads.add(threading.get_ident())

    def _note_gap(self) -> None:
        self.gaps += 1


class Way(Protocol):
    """A database's NOTIFY, or a Redis, which can be broken."""

    def process(self) -> Process: ...

    def break_off(self) -> None:
        """Every connection ends; it is there again at once."""

    def until(self, condition: Callable[[], object], what: str) -> None: ...


class Processes:
    def __init__(self) -> None:
        self._processes: list[Process] = []

    def process(self) -> Process:
        process = Process(self._make)
        self._processes.append(process)
        self.until(lambda: process.broker.is_up, "the way to open")
        return process

    def turn(self) -> None:
        for process in self._processes:
            process.turn()

    def until(self, condition: Callable[[], object], what: str) -> None:
        def turned() -> object:
            self.turn()
            return condition()

        wait_until(turned, what=what)

    def close(self) -> None:
        for process in self._processes:
            process.broker.close()

    def _make(self, deliver: brokers.Deliver) -> ThreadedBroker:
        raise NotImplementedError


class Notify(Processes):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def break_off(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def _make(self, deliver: brokers.Deliver) -> ThreadedBroker:
        return PostgresBroker(self._url, deliver)


class PublishSubscribe(Processes):
    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self._redis = redis

    def break_off(self) -> None:
        self._redis.kill9()
        self._redis.start()

    def _make(self, deliver: brokers.Deliver) -> ThreadedBroker:
        return RedisBroker(self._redis.url, "chatapp test", deliver)
