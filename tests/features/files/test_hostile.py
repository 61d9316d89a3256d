"""What people send who mean no good, to a real server: it answers clearly, and nothing is left."""

import io
import os
import socket
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.features.files.test_pictures import png_of
from tests.features.files.test_tus import TUS, append, begin
from tests.support.files import HERE, Sender, picture
from tests.support.server import Server
from tests.support.small_disk import small_disk
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call

SCRIPT = b"<script>alert(document.domain)</script>"


def served(person: Sender, file, path: str = "x", **options):
    return person.get(f"/files/{file['id']}/{path}", **options)


def zip_of(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x", content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "type", "how"),
    [
        (SCRIPT, "text/html", "attachment"),
        (b"<svg xmlns='x'>" + SCRIPT + b"</svg>", "text/xml", "attachment"),
        (b"GIF89a/*" + SCRIPT + b"*/=1", "application/octet-stream", "attachment"),
        (picture("GIF") + SCRIPT, "image/gif", "inline"),
        (picture("JPEG") + zip_of(SCRIPT), "image/jpeg", "inline"),
        (b"%PDF-1.4\n" + SCRIPT, "application/pdf", "inline"),
        (png_of(10_000, 10_000), "application/octet-stream", "attachment"),
        (picture("PNG")[:-30], "application/octet-stream", "attachment"),
        (b"MZ" + os.urandom(100), "application/octet-stream", "attachment"),
        (b"plain", "text/plain", "inline"),
    ],
)  # fmt: skip
def test_nothing_runs_as_a_page_of_this_site(ana: Sender, content: bytes, type: str, how: str):
    file = ana.send(content, "innocent.png")

    answer = served(ana, file)

    assert file["type"] == type
    headers = answer.headers
    assert headers["Content-Type"].partition(";")[0] == type
    assert headers["Content-Disposition"].startswith(how + ";")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert ("sandbox" in headers["Content-Security-Policy"]) == (type != "application/pdf")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"].startswith("private")
    assert "Set-Cookie" not in headers
    assert answer.content == content


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("a\r\nX-Evil: 1", "a X-Evil_ 1"),
        ("gnp\u202egnp.exe", "gnpgnp.exe"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
        ("\x00\x07", "file"),
    ],
)
def test_a_name_is_only_a_name(ana: Sender, name: str, kept: str):
    [file] = ana.ask("POST", HERE, params={"name": name}, data=b"x").json()["files"]

    assert file["name"] == kept
    assert "X-Evil" not in served(ana, file).headers


def test_ranges_and_etags(ana: Sender):
    file = ana.send(bytes(range(256)) * 4000, "raw")
    whole, etag = bytes(range(256)) * 4000, f'"{file["sha256"]}"'

    def part(value: str, **headers: str):
        return served(ana, file, headers={"Range": value, **headers})

    for value, span in [("bytes=0-0", (0, 1)), ("bytes=10-19", (10, 20)), ("bytes=-5", (-5, None)),
                        ("bytes=1023000-", (1_023_000, None)),
                        ("bytes=300000-900000", (300_000, 900_001))]:  # fmt: skip
        answer = part(value)
        assert (answer.status_code, answer.content) == (206, whole[slice(*span)])
    assert part("bytes=10-19").headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert part("bytes=9999999-").status_code == 416
    for value in ("bytes=0-1,5-6", "bytes=x", "lines=1-2", "bytes=5-1"):
        assert part(value).content == whole
    assert part("bytes=0-0", **{"If-Range": '"another"'}).content == whole
    assert part("bytes=0-0", **{"If-Range": etag}).status_code == 206
    assert served(ana, file, headers={"If-None-Match": etag}).status_code == 304
    head = ana.ask("HEAD", f"/files/{file['id']}/x")
    assert (head.headers["Content-Length"], head.content) == (str(len(whole)), b"")


def test_previews_of_text_are_short_and_plain(ana: Sender):
    long = ana.send(SCRIPT + b"\n" + b"line\n" * 100, "page.html")
    line = ana.send(b"x" * 500_000, "one line")
    other = ana.send(os.urandom(100), "raw")

    first = served(ana, long, "preview")
    assert (first.headers["Content-Type"], first.text.count("\n")) == (
        "text/plain; charset=utf-8",
        40,
    )
    assert len(served(ana, line, "preview").content) <= 64 * 1024
    assert served(ana, other, "preview").status_code == 404


def body(*parts: bytes) -> bytes:
    return b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + b"--B--\r\n"


FILE = b'Content-Disposition: form-data; name="file"; filename="x"\r\n\r\n'


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"--B--\r\n",
        b"no boundary at all" * 1000,
        b"x" * 3_000_000,
        b"--B\r\n" + FILE + b"never ends",
        b"--B\r\nContent-Disposition: form-data; name=x\r\n" + b"A: b\r\n" * 200_000,
        b"--B\r\nno header\r\n\r\nx\r\n--B--\r\n",
        b"--B\r\n\xff\xfe: x\r\n\r\nx\r\n--B--\r\n",
        body(b'Content-Disposition: form-data; name="x"\r\n\r\n' + b"y" * 200_000),
        body(*[FILE + b"x"] * 11),
        body(*[b'Content-Disposition: form-data; name="x"\r\n\r\ny'] * 50),
    ],
    ids=range(11),
)
def test_a_malformed_body_is_refused_and_leaves_nothing(house: Server, ana: Sender, sent: bytes):
    answer = ana.ask(
        "POST", HERE, data=sent, headers={"Content-Type": "multipart/form-data; boundary=B"}
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_payload")
    wait_until(lambda: not list(house.data.glob("uploads/*")), what="nothing to be left")


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", f"multipart/form-data; boundary={'x' * 80}"]
)
def test_a_body_without_a_boundary_is_unsupported(ana: Sender, content_type: str):
    assert (
        ana.ask("POST", HERE, data=b"x", headers={"Content-Type": content_type}).status_code == 415
    )


def test_what_is_too_large_is_refused_before_it_is_read(house: Server, ana: Sender):
    with socket.create_connection(("127.0.0.1", house.port)) as line:
        head = (
            f"POST {HERE} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Length: 99999999\r\n"
        )
        token = f"Authorization: {ana.http.headers['Authorization']}\r\n"
        line.sendall(f"{head}{token}Expect: 100-continue\r\n\r\n".encode())

        answer = line.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_what_turns_out_too_large_is_refused_in_the_middle(house: Server, ana: Sender):
    def endless():
        for _ in range(30):
            yield bytes(1 << 20)

    answer = ana.ask("POST", HERE, data=endless())

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    wait_until(lambda: not list(house.data.glob("uploads/*")), what="nothing to be left")


def test_a_client_that_leaves_leaves_nothing(house: Server, ana: Sender):
    with socket.create_connection(("127.0.0.1", house.port)) as line:
        head = (
            f"POST {HERE} HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Length: 9999999\r\n"
        )
        token = f"Authorization: {ana.http.headers['Authorization']}\r\n\r\n"
        line.sendall((head + token).encode() + bytes(300_000))
        wait_until(lambda: list(house.data.glob("uploads/*")), what="some bytes to come")

    wait_until(lambda: not list(house.data.glob("uploads/*")), what="nothing to be left")
    assert not any("Traceback" in each for each in house.log)


def test_three_uploads_at_once_and_no_more(house: Server, ana: Sender):
    paths = [begin(ana, 400_000) for _ in range(4)]
    lines = []
    for path in paths[:3]:
        line = socket.create_connection(("127.0.0.1", house.port))
        lines.append(line)
        head = [
            f"PATCH {path} HTTP/1.1", f"Host: 127.0.0.1:{house.port}", "Tus-Resumable: 1.0.0",
            f"Authorization: {ana.http.headers['Authorization']}", "Upload-Offset: 0",
            "Content-Type: application/offset+octet-stream", "Content-Length: 400000", "", "",
        ]  # fmt: skip
        line.sendall("\r\n".join(head).encode() + bytes(300_000))
    wait_until(lambda: len(list(house.data.glob("uploads/*"))) == 3, what="three uploads")

    refused = append(ana, paths[3], 0, b"x")

    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
    for line in lines:
        line.close()
    wait_until(lambda: append(ana, paths[3], 0, b"x").status_code == 204, what="a free place")


@pytest.fixture
def small(tmp_path):
    """A chat in which a person may have 1 MB of files, and the chat 2 MB."""
    server = server_with_admin(tmp_path)
    admin = Visitor(server.url).sign_in()
    wanted = {
        "person_file_bytes": "1 MB",
        "all_file_bytes": "2 MB",
        "max_file_bytes": "900 KB",
        "guest_files": "off",
    }
    was = {f"was_{name}": "" for name in wanted}
    assert admin.submit("/admin/settings", **wanted, **was).status_code == 303
    admin.close()
    yield server
    server.close()


def test_quotas_count_all_of_a_person_and_of_the_chat(small: Server):
    people = [Sender(small, name) for name in ("Ana", "Bo", "Cy")]
    first = people[0].send(os.urandom(700 << 10))

    announced = {"Tus-Resumable": "1.0.0", "Upload-Length": "409600"}
    for path, options in [(HERE, {"data": bytes(400 << 10)}), (TUS, {"headers": announced})]:
        refused = people[0].ask("POST", path, **options)
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "quota")
    too_large = people[1].ask("POST", HERE, data=os.urandom(901 << 10))
    assert too_large.json()["error"]["code"] == "too_large"
    people[1].send(os.urandom(800 << 10))
    refused = people[2].ask("POST", HERE, data=os.urandom(800 << 10))
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "quota")

    assert people[0].ask("DELETE", f"{HERE}/{first['id']}").status_code == 200

    assert people[2].send(os.urandom(800 << 10))["bytes"] == 800 << 10
    for person in people:
        person.close()


def test_the_wrapping_of_files_does_not_count(small: Server):
    person = Sender(small, "Eva")
    largest = os.urandom(900 << 10)

    one = person.ask("POST", HERE, files={"file": largest})
    person.ask("DELETE", f"{HERE}/{one.json()['files'][0]['id']}")
    several = person.ask("POST", HERE, files=[("file", largest[:400_000]), ("file", largest[9:])])

    assert one.status_code == 201
    assert (several.status_code, several.json()["error"]["code"]) == (413, "quota")
    halves = [("file", largest[:500_000]), ("file", largest[500_000:])]
    assert len(person.ask("POST", HERE, files=halves).json()["files"]) == 2
    person.close()


def test_guests_are_refused_where_they_may_not(small: Server):
    guest = Visitor(small.url)
    guest.submit("/name", name="Gus")

    refused = guest.http.post(small.url + HERE, data=b"x", headers={"X-CSRF-Token": guest.token})

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
    guest.close()


def test_the_same_file_twice_is_kept_once_and_attached_twice(
    house: Server, ana: Sender, bo: Sender
):
    content = os.urandom(5000)
    mine, theirs = ana.send(content, "mine"), bo.send(content, "theirs")
    assert mine["id"] != theirs["id"]
    assert len(list(house.data.glob(f"files/*/*/{mine['sha256']}"))) == 1

    assert call(ana.socket, "message", {"files": [mine["id"]]})["ok"]
    assert call(bo.socket, "message", {"files": [theirs["id"]]})["ok"]

    assert (
        served(ana, theirs)
        .headers["Content-Disposition"]
        .startswith('attachment; filename="theirs"')
    )


def test_a_full_disk_is_told_and_messages_go_on(tmp_path: Path):
    with small_disk(tmp_path, 16) as disk, closing(Server(disk.folder).start()) as server:
        person = Sender(server, "Eva")

        refused = [
            person.ask("POST", HERE, data=bytes(16 << 20)),
            person.ask("POST", HERE, data=iter([bytes(1 << 20)] * 20)),
        ]

        assert [answer.status_code for answer in refused] == [507, 507]
        assert {answer.json()["error"]["code"] for answer in refused} == {"no_space"}
        wait_until(lambda: not list(server.data.glob("uploads/*")), what="nothing to be left")
        wait_until(
            lambda: call(person.socket, "message", {"text": "still here"})["ok"], what="messages"
        )
        assert person.send(b"small")["bytes"] == 5
        person.close()
