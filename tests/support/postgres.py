"""A real PostgreSQL for tests: a folder of its own, on a free port, stopped and killed at will."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import psycopg

from tests.support.ports import free_port
from tools.programs import find_postgres

COMMAND_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "unix_socket_directories": "",
}


class Postgres:
    """A cluster of databases, made by `start()` and removed by `close()`.

    Its programs refuse to run as root; then they run as the user `postgres`.
    """

    def __init__(self, **settings: str) -> None:
        self.port = free_port()
        self._settings = SETTINGS | {"port": str(self.port)} | settings
        self._folder = Path(tempfile.mkdtemp(prefix="chatapp-postgres-"))
        self._data = self._folder / "data"

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        if not self._data.exists():
            self._make()
        self._ctl("start")
        return self

    def stop(self, mode: str = "immediate") -> None:
        """`immediate` is a crash: what is not on the disk is lost."""
        self._ctl("stop", "-m", mode)

    def new_database(self, name: str) -> str:
        """Its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url_of(name)

    def close(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder)

    def _make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]
        self._run("initdb", "--no-sync", *options, "--pgdata", str(self._data))
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())

    def _ctl(self, action: str, *options: str) -> None:
        log = ["-l", str(self._folder / "log")] if action == "start" else []
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "50", *log, *options, action)

    def _run(self, program: str, *arguments: str) -> None:
        command: Sequence[str] = [str(find_postgres() / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        # Into a file: the server keeps the output open, and a pipe would never end.
        with (self._folder / "output").open("w+") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                timeout=COMMAND_SECONDS,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, f"{program} failed:\n{output.read()}"
