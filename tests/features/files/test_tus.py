"""Uploads that go on where they were cut off: tus 1.0, against a real server."""

import hashlib
import os
import socket
from base64 import b64encode
from collections.abc import Callable

import pytest

from tests.support.files import HERE, Sender
from tests.support.server import Server
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

TUS = f"{HERE}/tus"
VERSION = {"Tus-Resumable": "1.0.0"}
PART = VERSION | {"Content-Type": "application/offset+octet-stream"}


def begin(person: Sender, length: int, name: str = "ñ.bin", **options) -> str:
    """The path of a new upload."""
    metadata = f"filename {b64encode(name.encode()).decode()},filetype dGV4dA=="
    headers = VERSION | {"Upload-Length": str(length), "Upload-Metadata": metadata}
    answer = person.ask("POST", TUS, headers=headers | options.pop("headers", {}), **options)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def append(person: Sender, path: str, offset: int, content: bytes, **headers: str):
    sent = PART | {"Upload-Offset": str(offset)} | headers
    return person.ask("PATCH", path, headers=sent, data=content)


def offset_of(person: Sender, path: str) -> int:
    answer = person.ask("HEAD", path, headers=VERSION)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def info(person: Sender, path: str):
    return person.get(f"{HERE}/{path.rpartition('/')[2]}").json().get("file")


def cut_off(server: Server, person: Sender, path: str, offset: int, content: bytes, end: int):
    """A request that announces all that is missing, and sends what is before `end`."""
    head = [
        f"PATCH {path} HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Authorization: {person.http.headers['Authorization']}",
        *(f"{name}: {value}" for name, value in PART.items()),
        f"Upload-Offset: {offset}",
        f"Content-Length: {len(content) - offset}",
    ]
    line = socket.create_connection(("127.0.0.1", server.port))
    line.sendall("\r\n".join([*head, "", ""]).encode() + content[offset:end])
    return line


def test_the_options_say_what_there_is(ana: Sender):
    answer = ana.ask("OPTIONS", TUS)

    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(25 << 20)
    assert "creation-with-upload" in answer.headers["Tus-Extension"]


def test_a_file_comes_in_parts(ana: Sender):
    content = os.urandom(700_000)
    path = begin(ana, len(content))
    assert info(ana, path) is None

    for at in range(0, len(content), 300_000):
        assert offset_of(ana, path) == at
        answer = append(ana, path, at, content[at : at + 300_000])
        assert answer.status_code == 204
    assert int(answer.headers["Upload-Offset"]) == len(content)

    file = info(ana, path)
    assert (file["name"], file["bytes"]) == ("ñ.bin", len(content))
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert offset_of(ana, path) == len(content)
    assert ana.get(f"/files/{file['id']}/x").content == content
    assert call(ana.socket, "message", {"files": [file["id"]]})["ok"]


def test_a_small_file_comes_with_its_creation_and_an_empty_one_too(ana: Sender):
    headers = {"Content-Type": PART["Content-Type"]}

    assert info(ana, begin(ana, 5, data=b"hello", headers=headers))["bytes"] == 5
    assert info(ana, begin(ana, 0))["bytes"] == 0


def test_a_lost_line_loses_nothing_that_came(house: Server, ana: Sender):
    content = os.urandom(900_000)
    path = begin(ana, len(content))
    silent = cut_off(house, ana, path, 0, content, 400_000)
    wait_until(lambda: any(house.data.joinpath("uploads").iterdir()), what="bytes to come")

    came = offset_of(ana, path)  # the first request hangs, and gives way

    assert 0 < came <= 400_000
    assert append(ana, path, came, content[came:]).status_code == 204
    assert info(ana, path)["sha256"] == hashlib.sha256(content).hexdigest()
    silent.close()


@pytest.mark.parametrize("end", ["stop", "kill9"])
def test_an_upload_goes_on_after_a_restart(new_server: Callable[..., Server], end: str):
    server = new_server().start()
    person = Sender(server, "Eva")
    content = os.urandom(600_000)
    path = begin(person, len(content))
    append(person, path, 0, content[:200_000])
    person.socket.disconnect()
    cut = cut_off(server, person, path, 200_000, content, 500_000)
    uploads = server.data / "uploads"
    wait_until(
        lambda: sum(each.stat().st_size for each in uploads.iterdir()) == 300_000,
        what="the bytes on the disk",
    )

    getattr(server, end)()
    server.start()

    cut.close()
    assert offset_of(person, path) == 500_000
    assert append(person, path, 500_000, content[500_000:]).status_code == 204
    assert info(person, path)["sha256"] == hashlib.sha256(content).hexdigest()
    assert list(uploads.iterdir()) == []
    person.http.close()


def test_a_wrong_offset_is_a_conflict_and_changes_nothing(ana: Sender):
    path = begin(ana, 10)
    append(ana, path, 0, b"12345")

    for offset, content in [(0, b"12345"), (6, b"1"), (5, b"678901")]:
        assert append(ana, path, offset, content).status_code == 409
    assert offset_of(ana, path) == 5
    assert append(ana, path, 5, b"67890").status_code == 204
    assert ana.get(f"/files/{path.rpartition('/')[2]}/x").content == b"1234567890"


def test_a_wrong_checksum_is_told_and_nothing_of_it_is_kept(ana: Sender):
    path = begin(ana, 5)
    digest = b64encode(hashlib.sha1(b"hello").digest()).decode()

    assert (
        append(ana, path, 0, b"jello", **{"Upload-Checksum": f"sha1 {digest}"}).status_code == 460
    )
    assert offset_of(ana, path) == 0
    assert (
        append(ana, path, 0, b"hello", **{"Upload-Checksum": f"rot13 {digest}"}).status_code == 415
    )
    assert (
        append(ana, path, 0, b"hello", **{"Upload-Checksum": f"sha1 {digest}"}).status_code == 204
    )
    assert info(ana, path)["bytes"] == 5


def test_nobody_reaches_the_upload_of_another(ana: Sender, bo: Sender):
    path = begin(ana, 5)

    assert append(bo, path, 0, b"hello").status_code == 404
    assert bo.ask("HEAD", path, headers=VERSION).status_code == 404
    assert bo.ask("DELETE", path, headers=VERSION).status_code == 404
    assert offset_of(ana, path) == 0


def test_an_upload_is_given_up(house: Server, ana: Sender):
    path = begin(ana, 10)
    append(ana, path, 0, b"12345")
    kept = list(house.data.glob("files/*/*/*.part*"))
    assert kept

    assert ana.ask("DELETE", path, headers=VERSION).status_code == 204

    assert ana.ask("HEAD", path, headers=VERSION).status_code == 404
    wait_until(lambda: not any(each.exists() for each in kept), what="the part to be gone")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "-1"}, 415),
        ({"Upload-Length": "many"}, 415),
        ({"Upload-Length": str((25 << 20) + 1)}, 413),
        ({"Upload-Length": "9" * 40}, 415),
    ],
)
def test_what_is_refused_has_no_status_that_clients_try_again_for_ever(ana, headers, status):
    answer = ana.ask("POST", TUS, headers=VERSION | {"Upload-Length": "1"} | headers)

    assert (answer.status_code, answer.headers["Tus-Resumable"]) == (status, "1.0.0")


def test_a_client_that_only_knows_post_says_what_it_means(ana: Sender):
    path = begin(ana, 5)
    headers = PART | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}

    assert ana.ask("POST", path, headers=headers, data=b"hello").status_code == 204
    assert info(ana, path)["bytes"] == 5
