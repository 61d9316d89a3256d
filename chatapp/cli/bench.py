"""`chatapp bench`: measures how many people this machine can serve.

It starts a server on a temporary data folder, and a second process with a crowd of simulated
people; a machine with one core measures both together.
"""

import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from chatapp.bench.crowd import Crowd, Heard
from chatapp.client import ChatClient

START_SECONDS = 20.0
SETTLE_SECONDS = 2.0
GOOD_P99_SECONDS = 0.1
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ADDRESS = "127.0.0.1"
COLUMNS = ("people", "said/s", "heard/s", "p50", "p99", "server", "memory", "crowd")
"""`server` and `crowd` are shares of a core; below 100 %, the crowd was not the bottleneck."""


@click.command()
@click.option("--people", default=2000, show_default=True, help="How many people are online.")
@click.option("--rooms", default=50, show_default=True, help="How many rooms they are in.")
@click.option(
    "--messages", default=100.0, show_default=True, help="Messages a second, in all rooms together."
)
@click.option("--seconds", default=15.0, show_default=True, help="How long it runs.")
@click.option("--find-limit", is_flag=True, help="Double the load until it is too much.")
@click.option("--one-core", is_flag=True, help="The server gets one core, the crowd the others.")
def bench(
    people: int, rooms: int, messages: float, seconds: float, *, find_limit: bool, one_core: bool
) -> None:
    """Measure how many people this machine can serve.

    Simulated people write, type, read history, join and leave. The goal: 99 of 100 messages reach
    everyone within 0.1 s.
    """
    _allow_many_files()
    server_core = _reserve_core() if one_core else None
    console = Console(stderr=True)
    table = Table(*COLUMNS)
    verdicts = []
    while True:
        row, heard = _measure(console, people, rooms, messages, seconds, server_core)
        table.add_row(*row)
        fits = heard.percentile(0.99) <= GOOD_P99_SECONDS
        verdicts.append(
            f"{people:,} people with {messages:g} messages a second: "
            f"that {'is fine' if fits else 'is too much'} here."
        )
        if not find_limit or not fits:
            break
        people, messages = people * 2, messages * 2
    Console().print(table)
    click.echo("\n".join(verdicts[-2:]))


def _measure(  # noqa: PLR0917 - the command's options
    console: Console,
    people: int,
    rooms: int,
    messages: float,
    seconds: float,
    server_core: int | None,
) -> tuple[list[str], Heard]:
    names = [f"room-{number}" for number in range(rooms)]
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (process, port):
        if server_core is not None:
            _assign_core(process.pid, server_core)
        with ChatClient(f"http://{ADDRESS}:{port}", name="founder") as founder:
            for name in names:
                founder.create(name)
        crowd = Crowd((ADDRESS, port), names)
        with _progress(console) as progress:
            task = progress.add_task("people come in", total=people)
            crowd.grow(people, lambda count: progress.update(task, completed=count))
        console.print(f"they talk for {seconds:g} s …")
        crowd.chat(messages, SETTLE_SECONDS)
        before = _cpu_seconds(process.pid)
        heard = crowd.chat(messages, seconds)
        cpu = (_cpu_seconds(process.pid) - before) / heard.seconds
        row = [
            f"{people:,}",
            f"{heard.said / heard.seconds:,.0f}",
            f"{len(heard.delays) / heard.seconds:,.0f}",
            f"{heard.percentile(0.5) * 1000:.1f} ms",
            f"{heard.percentile(0.99) * 1000:.1f} ms",
            f"{cpu:.0%}",
            f"{_memory_bytes(process.pid) / 2**20:.0f} MB",
            f"{heard.busy:.0%}",
        ]
        crowd.close()
    return row, heard


@contextmanager
def _server(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    settings = {
        "CHATAPP_HOST": ADDRESS,
        "CHATAPP_PORT": str(port),
        "CHATAPP_DATA": str(folder / "data"),
        "CHATAPP_ACCESS": "open",
        "CHATAPP_MESSAGE_RATE": "off",
        "CHATAPP_CONNECTIONS": "0",
        "CHATAPP_CONNECTIONS_PER_ADDRESS": "0",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "chatapp", "serve"],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, port)
        yield process, port
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((ADDRESS, port)).close()
            return
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise click.ClickException("the server did not start.") from None
            time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


def _reserve_core() -> int:
    """The core for the server; this process avoids it if possible."""
    if not hasattr(os, "sched_setaffinity"):
        raise click.UsageError("--one-core needs Linux.")
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others or [first])
    return first


def _assign_core(pid: int, core: int) -> None:
    """Set the affinity of every thread of a process: each has its own (sched_setaffinity(2))."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), [core])


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
    )


def _cpu_seconds(pid: int) -> float:
    """CPU time of all threads and child processes, in user and system mode (proc(5), fields 14 to
    17 of stat)."""
    ticks = 0
    for process in _processes(pid):
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS_PER_SECOND


def _memory_bytes(pid: int) -> int:
    """Resident memory (proc(5), field 2 of statm)."""
    pages = (Path(f"/proc/{process}/statm").read_text().split()[1] for process in _processes(pid))
    return sum(map(int, pages)) * PAGE_BYTES


def _processes(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [pid, *(int(one) for task in tasks for one in (task / "children").read_text().split())]


def _allow_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
