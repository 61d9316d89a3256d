"""Uploads: the time of 25 MB beside nginx, the memory, and what people notice who chat.

    python -m benchmarks.http.uploads [--rounds 9] [--people 500] [--seconds 5]

The same bytes over loopback, to nginx (a PUT to a folder) and to the chat (a POST, which also
hashes them, looks at them, and waits until they are durable), in turns; told are the medians. Then
three uploads of 25 MB at once beside people who chat, and without them, in turns: the medians of
the rounds' 99th percentiles. Uploads to nginx beside the same people tell what is the machine's.
"""

import argparse
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.sockets.fanout import cost
from benchmarks.support.crowd import Chat, Crowd
from benchmarks.support.process import ServerProcess, free_port
from chatapp.transport.http.listening import raise_file_limit

BYTES = 25 * 1000 * 1000
AT_ONCE = 3
MESSAGES_A_SECOND = 20
SAMPLE_SECONDS = 0.005
GUEST = {"Authorization": "Guest uploader:a-key-of-this-benchmark"}
_NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error; worker_processes 1;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; client_max_body_size 100m;
  proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/kept; dav_methods PUT; }}
}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each half of a round")
    arguments = parser.parse_args()
    raise_file_limit()
    with chat() as server:
        measure_time(server, arguments.rounds)
        measure_memory(server)
    with chat() as server:
        measure_others(server, arguments.rounds, arguments.people, arguments.seconds)


def measure_time(server: ServerProcess, rounds: int) -> None:
    content = os.urandom(BYTES)
    times: dict[str, list[float]] = {"chatapp": [], "nginx": []}
    with nginx() as peer:
        for _ in range(rounds):
            times["chatapp"].append(_timed(lambda: post(server, content)))
            if peer:
                times["nginx"].append(_timed(lambda: put(peer, content)))
    for name, each in times.items():
        if each:
            median, best = statistics.median(each) * 1e3, min(each) * 1e3
            print(f"{name:8} 25 MB in {median:.0f} ms (best {best:.0f})")
    if times["nginx"]:
        ratio = statistics.median(times["chatapp"]) / statistics.median(times["nginx"])
        print(f"chatapp takes {ratio:.2f} × the time of nginx", flush=True)


def measure_memory(server: ServerProcess) -> None:
    """The most that it has while files come, above what it has before."""
    before = server.memory_bytes()
    for count in (1, AT_ONCE):
        with _Sampled(server.memory_bytes) as sampled:
            _post_at_once(server, count)
        growth = (max(sampled.values) - before) / 1e6
        print(f"memory   {growth:+.1f} MB at most while {count} × 25 MB come", flush=True)
    print(f"memory   {(server.memory_bytes() - before) / 1e6:+.1f} MB afterwards", flush=True)


def measure_others(server: ServerProcess, rounds: int, people: int, seconds: float) -> None:
    with closing(Crowd(server.address, Chat())) as crowd, nginx() as peer:
        crowd.grow(people)
        crowd.paced(MESSAGES_A_SECOND, 2.0)

        def p99() -> float:
            return cost(server, lambda: crowd.paced(MESSAGES_A_SECOND, seconds)).p99

        beside: dict[str, list[float]] = {"nobody": [], "chatapp": [], "nginx": []}
        for _ in range(rounds):
            beside["nobody"].append(p99())
            with _uploading("post", server.address[1]):
                beside["chatapp"].append(p99())
            if peer:
                with _uploading("put", peer):
                    beside["nginx"].append(p99())
    alone = statistics.median(beside.pop("nobody"))
    print(f"{people} people: p99 {alone * 1e3:.1f} ms alone")
    for name, each in beside.items():
        if each:
            median = statistics.median(each)
            print(
                f"  beside {AT_ONCE} uploads at once to {name}: {median * 1e3:.1f} ms "
                f"({median / alone - 1:+.0%})"
            )


@contextmanager
def chat() -> Iterator[ServerProcess]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        port = free_port()
        serve = [sys.executable, "-m", "chatapp", "serve", "--port", str(port)]
        limits = ["--message-rate", "off", "--connections", "0", "--connections-per-address", "0"]
        data = ["--data", str(Path(folder) / "data")]
        server = ServerProcess([*serve, *limits, *data], port, Path.cwd())
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def nginx() -> Iterator[int | None]:
    """Its port; None if it is not installed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        print("nginx: left out, it is not on this machine")
        yield None
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder, port = Path(name), free_port()
        for each in ("kept", "body"):
            (folder / each).mkdir()
        folder.chmod(0o777)
        for each in folder.iterdir():
            each.chmod(0o777)
        (folder / "conf").write_text(_NGINX.format(folder=folder, port=port))
        command = [program, "-c", str(folder / "conf"), "-e", str(folder / "error")]
        server = ServerProcess(command, port, folder)
        try:
            yield port
        finally:
            server.stop()


def put(port: int, content: bytes) -> None:
    _ask(port, "PUT", f"/file-{time.monotonic_ns()}", content, {})


def post(server: ServerProcess, content: bytes) -> None:
    _ask(server.address[1], "POST", "/api/v1/files?name=x", content, GUEST)


def _remove(port: int, answer: bytes) -> None:
    id = answer.partition(b'"id":"')[2][:22].decode()
    _ask(port, "DELETE", f"/api/v1/files/{id}", b"", GUEST)


def _ask(port: int, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status} {content[:200]!r}")
    return content


def _post_at_once(server: ServerProcess, count: int) -> None:
    content = os.urandom(BYTES)
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(post, server, content) for _ in range(count)]:
            done.result()


@contextmanager
def _uploading(how: str, port: int) -> Iterator[None]:
    """Three files at once, in a process of their own: this one is the crowd."""
    program = f"from benchmarks.http.uploads import three; three({how!r}, {port})"
    uploads = subprocess.Popen([sys.executable, "-c", program])
    yield
    if uploads.wait():
        raise RuntimeError("an upload failed")


def three(how: str, port: int) -> None:
    """Sends three files."""
    content = os.urandom(BYTES)
    send = put if how == "put" else _post_and_remove
    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(send, port, content) for _ in range(AT_ONCE)]:
            done.result()


def _post_and_remove(port: int, content: bytes) -> None:
    _remove(port, _ask(port, "POST", "/api/v1/files?name=x", content, GUEST))


def _timed(do: Callable[[], None]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


class _Sampled:
    """What `look()` gives while a block runs, many times a second."""

    def __init__(self, look: Callable[[], int]) -> None:
        self.values = [look()]
        self._look = look
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> "_Sampled":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ends.wait(SAMPLE_SECONDS):
            self.values.append(self._look())


if __name__ == "__main__":
    main()
