"""A real Redis for tests: on a free port, keeps nothing; stopped, frozen and killed at will."""

import signal
import subprocess
from typing import Self

import redis

from tests.support.ports import free_port
from tests.support.waiting import wait_until
from tools.programs import find_redis


class Redis:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        program = find_redis()
        assert program, "Redis is missing: run python -m tools.setup test"
        settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [program, "--port", str(self.port), *settings], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers, what="Redis")
        return self

    def kill9(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def flush(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()
            client.client_kill_filter(_type="pubsub")

    def close(self) -> None:
        if self._process:
            self.kill9()

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
