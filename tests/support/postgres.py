"""A real PostgreSQL for tests: a folder of its own, on a free port, stopped and killed at will."""

import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Self

import psycopg

from tests.support.memory import roomy_memory
from tests.support.ports import free_port
from tools.postgres import PostgresServer


class Postgres:
    """A cluster of databases, made by `start()` and removed by `close()`.

    Its folder is in memory if there is much of it.
    """

    def __init__(self, **settings: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="chatapp-postgres-", dir=roomy_memory()))
        self._server = PostgresServer(
            self._folder, free_port(), {"max_connections": "60"} | settings
        )
        self._called: Counter[str] = Counter()

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return self._server.url_of(database)

    def url_with(self, standby: "Postgres", database: str) -> str:
        """Of whichever of the two is the primary."""
        hosts = ",".join(f"127.0.0.1:{each._server.port}" for each in (self, standby))
        return f"postgresql://postgres@{hosts}/{database}?target_session_attrs=read-write"

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self, mode: str = "immediate") -> None:
        """`immediate` is a crash: what is not on the disk is lost."""
        self._server.stop(mode)

    def copy(self, primary: "Postgres") -> None:
        """Become a standby, which follows once it is started."""
        self._server.make_standby_of(primary._server)

    def promote(self) -> None:
        self._server.promote()

    def new_database(self, name: str) -> str:
        """Its URL. A second one that would be called so gets a number: tests share the cluster."""
        self._called[name] += 1
        if self._called[name] > 1:
            name = f"{name}-{self._called[name]}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url_of(name)

    def close(self) -> None:
        if self._server.is_running:
            self.stop()
        shutil.rmtree(self._folder)
