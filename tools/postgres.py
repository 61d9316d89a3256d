"""A PostgreSQL of its own in a folder: for the tests, and for `make cluster`."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.programs import find_postgres
from tools.steps import SetupError

COMMAND_SECONDS = 60.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "16MB",
    "unix_socket_directories": "",
}


class PostgresServer:
    """A database server that keeps everything in `folder` and listens on 127.0.0.1.

    Its programs refuse to run as root; then they run as the user `postgres`.
    """

    def __init__(self, folder: Path, port: int, settings: Mapping[str, str] | None = None) -> None:
        self.port = port
        self._settings = SETTINGS | {"port": str(port)} | dict(settings or {})
        self._folder = folder
        self._data = folder / "data"

    def url_of(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """Of the process that starts all others."""
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    @property
    def is_running(self) -> bool:
        return (self._data / "postmaster.pid").exists()

    def start(self) -> None:
        """Returns when it answers. Raises SetupError."""
        if not self._data.exists():
            self._make()
        settings = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        self._ctl("start", "-l", str(self._folder / "log"), "-o", settings)

    def stop(self, mode: str = "fast") -> None:
        """`immediate` is a crash: what is not on the disk is lost."""
        self._ctl("stop", "-m", mode)

    def create_database(self, name: str) -> None:
        """Where there is none yet."""
        options = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        output = self._run("psql", *options, "-lqtA", "postgres")
        if not any(line.startswith(f"{name}|") for line in output.splitlines()):
            self._run("createdb", *options, name)

    def make_standby_of(self, primary: "PostgresServer") -> None:
        """Becomes a copy of `primary`, which follows it as soon as it is started; what it had is
        removed."""
        shutil.rmtree(self._data, ignore_errors=True)
        self._make_folder()
        url = primary.url_of("postgres")
        self._run("pg_basebackup", "-d", url, "-D", str(self._data), "-R", "-c", "fast")

    def promote(self) -> None:
        """A standby becomes a primary, with what it has."""
        self._ctl("promote")

    def _make_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")

    def _make(self) -> None:
        self._make_folder()
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]
        self._run("initdb", "--no-sync", *options, "--pgdata", str(self._data))

    def _ctl(self, action: str, *options: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "50", *options, action)

    def _run(self, program: str, *arguments: str) -> str:
        """Returns what it printed."""
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
            printed = output.read()
        if done.returncode != 0:
            raise SetupError(f"{program} failed: {printed.strip()}")
        return printed
