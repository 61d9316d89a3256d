"""Files of `ChatClient`: they arrive whole, over lost networks and dead servers, and nowhere else
than where they belong."""

import hashlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from chatapp.client import ChatClient, ClientClosed
from chatapp.client.errors import WrongContent
from chatapp.client.files import http
from chatapp.client.files.names import safe_name
from chatapp.domain.errors import BadPayload, NotFound, TooLarge
from tests.support.relay import Relay
from tests.support.server import START_SECONDS, Server, environment
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import DEADLINE_SECONDS

SOON = (0.05, 0.2)
KEY = "a key of sixteen characters"
MB = 1 << 20
GROWTH = """
import pathlib, re, sys
from chatapp.client import ChatClient

def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])

with ChatClient(sys.argv[1], name="carrier") as chat:
    chat.download(chat.upload(("small", b"x" * 100_000)), sys.argv[3])
    before = peak()
    big = chat.upload(sys.argv[2])
    chat.download(big, sys.argv[3])
    print(big.bytes, peak() - before)
"""
"""Prints by how many KB the memory of the process grew, at its highest (proc(5)). What getrusage(2)
says begins with the memory of the parent."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("place"))
    boss = Visitor(server.url).sign_in()
    assert boss.submit("/admin/settings", max_file_bytes="70 MB").status_code == 303
    boss.close()
    yield server
    server.close()


@pytest.fixture
def ana(place: Server) -> Iterator[ChatClient]:
    with ChatClient(place.url, name="ana", key=KEY, reconnect_seconds=SOON) as ana:
        yield ana


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """20 MB that no part of looks like another."""
    file = tmp_path / "big.bin"
    file.write_bytes(random.Random(1).randbytes(20 * MB))
    return file


def test_files_come_back_as_they_were_sent(ana: ChatClient, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("the notes")
    piped, into_pipe = os.pipe()
    os.write(into_pipe, b"from a pipe")
    os.close(into_pipe)
    told: list[tuple[str, int, int]] = []
    with notes.open("rb") as begun, os.fdopen(piped, "rb") as pipe:
        begun.seek(4)
        early = ana.upload(("early.txt", b"sent before"))
        files = [notes, ("náme", b"\0\1"), begun, ("pipe.txt", pipe), early, ("empty", b"")]
        sent = ana.send(
            "general", files=files, alt=["words"], progress=lambda *step: told.append(step)
        )
    (tmp_path / "here").mkdir()

    [kept] = ana.history("general", limit=1).messages
    places = [ana.download(file, tmp_path / "here" / file.id) for file in kept.files or ()]

    assert kept == sent
    assert sent.text == ""
    assert [
        (f.name, f.alt, p.read_bytes()) for f, p in zip(sent.files or (), places, strict=True)
    ] == [
        ("notes.txt", "words", b"the notes"),
        ("náme", None, b"\0\1"),
        ("notes.txt", None, b"notes"),
        ("pipe.txt", None, b"from a pipe"),
        ("early.txt", None, b"sent before"),
        ("empty", None, b""),
    ]
    assert ("notes.txt", 9, 9) in told
    assert ana.address_of(early).startswith(f"{ana.url}/files/{early.id}/early")


def test_what_is_wrong_is_said_before_anything_is_sent(ana: ChatClient, tmp_path: Path) -> None:
    before = ana.join("general").head

    with pytest.raises(FileNotFoundError):
        ana.send("general", files=[("fine", b"x"), tmp_path / "nowhere"])
    with pytest.raises(BadPayload, match="at most 10"):
        ana.send("general", files=[(str(n), b"x") for n in range(11)])
    with pytest.raises(ValueError, match="more descriptions"):
        ana.send("general", files=[("a", b"x")], alt=["one", "two"])
    with (tmp_path / "huge").open("wb") as huge:
        huge.truncate(71 * MB)
    with pytest.raises(TooLarge):
        ana.send("general", files=[tmp_path / "huge"])
    with pytest.raises(NotFound):
        ana.file("A" * 22)

    assert ana.join("general").head == before


def test_a_file_of_somebody_else_is_neither_sent_nor_read_before_it_is_attached(
    ana: ChatClient, place: Server, tmp_path: Path
) -> None:
    file = ana.upload(("mine.txt", b"mine"))
    with ChatClient(place.url, name="ben") as ben:
        with pytest.raises(NotFound):
            ben.download(file, tmp_path)
        with pytest.raises(NotFound):
            ben.send("general", files=[file])
        assert list(tmp_path.iterdir()) == []
        ana.send("general", files=[file])

        assert ben.download(file, tmp_path) == tmp_path / "mine.txt"


def test_an_upload_goes_on_where_a_lost_network_has_left_it(
    place: Server, big: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "ANSWER_SECONDS", 2.0)
    cuts = [9 * MB, 13 * MB, 17 * MB]
    after_cuts: list[int] = []
    with (
        Relay(place.port) as relay,
        ChatClient(
            relay.url, name="cut off", reconnect_seconds=SOON, timeout=4 * DEADLINE_SECONDS
        ) as chat,
    ):

        def watch(_name: str, done: int, _size: int) -> None:
            if len(after_cuts) < 3 - len(cuts):
                after_cuts.append(done)
            if cuts and done >= cuts[0]:
                if len(cuts) == 3:
                    relay.freeze()  # as if a cable was pulled out
                else:
                    relay.cut(1, random.Random(0))
                del cuts[0]

        sent = chat.send("general", "whole", files=[big], progress=watch)
        texts = [message.text for message in chat.history("general", limit=200).messages]

    assert cuts == []
    assert min(after_cuts) >= 8 * MB, "a part that the server had was sent again"
    assert sent.files is not None
    assert sent.files[0].sha256 == hashlib.sha256(big.read_bytes()).hexdigest()
    assert texts.count("whole") == 1


def test_an_upload_survives_a_server_that_is_killed_in_the_middle(
    server: Server, big: Path, tmp_path: Path
) -> None:
    killed, back = threading.Event(), threading.Event()

    def kill(_name: str, done: int, _size: int) -> None:
        if done >= 10 * MB and not killed.is_set():
            server.kill9()
            killed.set()
            assert back.wait(START_SECONDS + DEADLINE_SECONDS)

    def revive() -> None:
        assert killed.wait(DEADLINE_SECONDS)
        server.start()
        back.set()

    reviver = threading.Thread(target=revive)
    reviver.start()
    with ChatClient(
        server.url, name="ana", key=KEY, reconnect_seconds=SOON, timeout=2 * DEADLINE_SECONDS
    ) as chat:
        sent = chat.send("general", "whole", files=[big], progress=kill)
        reviver.join()
        kept = chat.history("general").messages
        fetched = chat.download(sent.files[0] if sent.files else None, tmp_path / "fetched")

    assert killed.is_set()
    assert [(message.text, message.files) for message in kept] == [("whole", sent.files)]
    assert fetched is not None
    assert fetched.read_bytes() == big.read_bytes()


def test_a_big_file_does_not_grow_the_memory(place: Server, tmp_path: Path) -> None:
    with (tmp_path / "movie").open("wb") as movie:
        movie.truncate(60 * MB)
    (tmp_path / "to").mkdir()

    done = subprocess.run(
        [sys.executable, "-c", GROWTH, place.url, tmp_path / "movie", tmp_path / "to"],
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=4 * DEADLINE_SECONDS,
        check=True,
    )

    size, grown_kb = map(int, done.stdout.split())
    assert size == 60 * MB
    assert grown_kb < 8 * 1024


def test_closing_the_client_ends_its_transfers(ana: ChatClient, big: Path) -> None:
    def close(_name: str, done: int, _size: int) -> None:
        if done >= MB:
            ana.close()

    with pytest.raises(ClientClosed):
        ana.send("general", files=[big], progress=close)


def test_a_download_goes_on_after_lost_networks_and_after_an_earlier_run(
    ana: ChatClient, place: Server, big: Path, tmp_path: Path
) -> None:
    file = ana.upload(big)
    folder = tmp_path / "to"
    folder.mkdir()
    cuts, seen = [6 * MB, 12 * MB], []
    with (
        Relay(place.port) as relay,
        ChatClient(relay.url, name="ana", key=KEY, reconnect_seconds=SOON) as chat,
    ):

        def stop(_name: str, done: int, _size: int) -> None:
            if done >= 3 * MB:
                raise KeyboardInterrupt

        def watch(_name: str, done: int, _size: int) -> None:
            seen.append(done)
            if cuts and done >= cuts[0]:
                del cuts[0]
                relay.cut(1, random.Random(0))

        ana.close()
        with pytest.raises(KeyboardInterrupt):
            chat.download(file, folder, progress=stop)
        [part] = folder.iterdir()
        begun = part.stat().st_size
        found = chat.download(file, folder, progress=watch)

    assert begun >= 3 * MB
    assert seen[0] > begun
    assert seen == sorted(seen)
    assert cuts == []
    assert found == folder / "big.bin"
    assert found.read_bytes() == big.read_bytes()
    assert list(folder.iterdir()) == [found]


def test_bytes_that_are_not_those_of_the_file_are_not_taken(
    ana: ChatClient, tmp_path: Path
) -> None:
    file = ana.upload(("true.txt", b"the true content"))
    part = tmp_path / f".true.txt.{file.sha256[:12]}.part"
    part.write_bytes(b"the wrong")

    found = ana.download(file, tmp_path)
    assert found is not None
    assert found.read_bytes() == b"the true content"
    found.unlink()

    with pytest.raises(WrongContent):
        ana.download(replace(file, sha256="0" * 64), tmp_path)
    with pytest.raises(WrongContent):
        ana.download(replace(file, bytes=5), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_file_comes_to_lie_elsewhere_or_over_another(ana: ChatClient, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "to", tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "link").symlink_to(elsewhere)
    (folder / "there").write_text("mine")
    file = ana.upload(("x", b"theirs"))

    def fetch(name: str, **options: bool) -> Path | None:
        return ana.download(replace(file, name=name), folder, **options)

    hostile = ["../up", "/etc/passwd", "..", ".profile", "a\nb\x1b[2J\u202e", "ü" * 500 + ".txt"]
    for name in hostile:
        found = fetch(name)
        assert found is not None
        assert found.parent == folder
        assert found.name.isprintable()
        assert not found.name.startswith(".")
    for name in ("link", "there"):
        with pytest.raises(FileExistsError):
            fetch(name)
    assert (folder / "there").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["to"]

    assert fetch("there", overwrite=True) == folder / "there"
    assert fetch("link", overwrite=True) == folder / "link"

    assert (folder / "there").read_bytes() == b"theirs"
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("cat.png", "cat.png"),
        ("Größe 1.pdf", "Größe 1.pdf"),
        ("../../x", "_.._x"),
        ("/etc/passwd", "_etc_passwd"),
        ("C:\\x", "C__x"),
        ("...", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("con.txt", "_con.txt"),
        ("a\0b\x9b\u202ec", "a_b__c"),
        ("x" * 300 + ".tar", "x" * 196 + ".tar"),
        ("日" * 100, "日" * 66),
    ],
)
def test_the_name_of_a_download_is_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe
