"""A chat whose files are in a bucket: all as in a folder, and clear errors while it is away."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.features.files.test_tus import append, begin, info
from tests.support.files import HERE, Sender, picture
from tests.support.s3 import S3
from tests.support.server import Server
from tests.test_way_of_a_message import call


@pytest.fixture
def s3() -> Iterator[S3]:
    with closing(S3()) as s3:
        yield s3.start()


def test_files_are_in_the_bucket_and_messages_work_without_it(
    new_server: Callable[..., Server], s3: S3
):
    server = new_server(CHATAPP_FILES=s3.url_of("files")).start()
    person = Sender(server, "Eva")
    content = os.urandom(7_000_000)

    photo, large = person.send(picture("JPEG", (3000, 3000))), person.send(content)
    path = begin(person, 200_000)
    append(person, path, 0, content[:100_000])
    append(person, path, 100_000, content[100_000:200_000])

    assert call(person.socket, "message", {"files": [photo["id"], large["id"]]})["ok"]
    assert person.get(f"/files/{large['id']}/x").content == content
    part = person.get(f"/files/{large['id']}/x", headers={"Range": "bytes=6000000-6000009"})
    assert part.content == content[6_000_000:6_000_010]
    for size in ("", "?size=full"):
        preview = person.get(f"/files/{photo['id']}/preview{size}")
        assert (preview.status_code, preview.headers["Content-Type"]) == (200, "image/webp")
    assert person.get(f"/files/{info(person, path)['id']}/x").content == content[:200_000]
    assert not list(server.data.glob("uploads/*"))
    assert not list(server.data.glob("files/*"))

    s3.stop()

    refused = person.ask("POST", HERE, data=b"new")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
    assert person.get(f"/files/{large['id']}/x").status_code == 503
    assert call(person.socket, "message", {"text": "without files"})["ok"]
    assert not list(server.data.glob("uploads/*"))
    person.close()


def test_a_wrong_bucket_is_one_line(run_chatapp):
    done = run_chatapp("serve", "--port", "0", env={"CHATAPP_FILES": "s3://bucket?endpont=x"})

    assert done.returncode == 1
    assert "CHATAPP_FILES is wrong" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
