"""`make cluster`: PostgreSQL, Redis, two servers and a balancer on this machine, to try a cluster.

Everything is kept in build/cluster/; `make clean` removes it. Ctrl-C ends all of them.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tools.postgres import PostgresServer
from tools.programs import find_haproxy, find_redis
from tools.steps import ROOT, SetupError, tell

FOLDER = ROOT / "build" / "cluster"
CHATAPP = ROOT / ".venv" / "bin" / "chatapp"
NODES = 2
START_SECONDS = 60.0
STOP_SECONDS = 15.0

HAPROXY = """\
defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    option forwardfor

frontend chat
    bind 127.0.0.1:{port}
    default_backend nodes

backend nodes
    balance roundrobin
    option httpchk GET /readyz
    option redispatch
    retries 3
    default-server check inter 1s fall 1 rise 1
{servers}
"""


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as running:
            running.callback(tell, "\nAll of it has stopped.")
            start_cluster(running, int(os.environ.get("PORT", "8080")))
            signal.pause()
    except KeyboardInterrupt:
        return 0
    except SetupError as error:
        tell(str(error))
        return 1
    return 0


def start_cluster(running: ExitStack, port: int) -> None:
    """Starts everything and prints where it is. `running` stops it, in reverse order."""
    _require_free(port)
    FOLDER.mkdir(parents=True, exist_ok=True)
    postgres = PostgresServer(FOLDER / "postgres", _free_port())
    running.callback(_stop_postgres, postgres)
    postgres.start()
    postgres.create_database("chat")
    redis_port = _free_port()
    running.enter_context(_process("redis", _redis(redis_port)))
    settings = {
        "CHATAPP_POSTGRES": postgres.url_of("chat"),
        "CHATAPP_REDIS": f"redis://127.0.0.1:{redis_port}/0",
        "CHATAPP_PROXIES": "1",
    }
    ports = [_free_port() for _ in range(NODES)]
    for number, node_port in enumerate(ports, 1):
        own = {"CHATAPP_PORT": str(node_port), "CHATAPP_DATA": str(FOLDER / f"node-{number}")}
        running.enter_context(_process(f"node-{number}", [CHATAPP, "serve"], settings | own))
        _wait_until_ready(f"node-{number}", node_port)
    running.enter_context(_process("haproxy", _haproxy(port, ports)))
    _wait_until_ready("haproxy", port)
    tell(_greeting(port, ports, settings))


def _greeting(port: int, ports: Sequence[int], settings: dict[str, str]) -> str:
    nodes = [f"  node {number}: http://localhost:{own}" for number, own in enumerate(ports, 1)]
    return "\n".join(
        [
            f"The chat runs at http://localhost:{port}, on {NODES} servers behind a balancer:",
            *nodes,
            f"  PostgreSQL: {settings['CHATAPP_POSTGRES']}",
            f"  Redis: {settings['CHATAPP_REDIS']}",
            f"Data and output are in {FOLDER.relative_to(ROOT)}/. Press Ctrl-C to stop everything.",
            *_setup_link(port, ports[-1]),
        ]
    )


def _setup_link(port: int, last: int) -> Iterator[str]:
    """What the last server printed of how one becomes admin: each start makes a new link."""
    for line in (FOLDER / f"node-{NODES}.log").read_text().splitlines():
        if "/setup/" in line:
            yield line.replace(f"localhost:{last}/", f"localhost:{port}/")


def _redis(port: int) -> list[str | Path]:
    return [
        find_redis() or "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--save",
        "",
        "--appendonly",
        "no",
    ]


def _haproxy(port: int, ports: Sequence[int]) -> list[str | Path]:
    servers = "\n".join(f"    server node-{n} 127.0.0.1:{own}" for n, own in enumerate(ports, 1))
    config = FOLDER / "haproxy.cfg"
    config.write_text(HAPROXY.format(port=port, servers=servers))
    return [find_haproxy() or "haproxy", "-db", "-f", config]


@contextmanager
def _process(
    name: str, command: Sequence[str | Path], settings: dict[str, str] | None = None
) -> Iterator[None]:
    """Runs in a session of its own, so that Ctrl-C reaches only us."""
    with (FOLDER / f"{name}.log").open("wb") as output:
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(settings or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _stop_postgres(postgres: PostgresServer) -> None:
    if postgres.is_running:
        postgres.stop()


def _wait_until_ready(name: str, port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    last = (FOLDER / f"{name}.log").read_text().strip().splitlines()[-1:]
    raise SetupError(f"{name} does not answer: {' '.join(last) or 'it printed nothing.'}")


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SetupError(
                f"Port {port} is in use; choose another: make cluster PORT=…"
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
