"""What every store of files promises: in a folder, in PostgreSQL, in a bucket."""

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from chatapp.blobs.folder import FolderBlobs
from chatapp.blobs.names import PART_BYTES, BlobMissing, BlobsUnavailable
from chatapp.blobs.s3 import S3Blobs
from chatapp.cluster.postgres import create_tables
from chatapp.cluster.postgres_blobs import PostgresBlobs
from chatapp.ports import Blobs
from tests.support.s3 import S3

LARGE = os.urandom(6 * 1024 * 1024 + 17)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with closing(S3()) as s3:
        yield s3.start()


@pytest.fixture(params=["folder", "postgres", "s3"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Blobs, Blobs]]:
    """Those of two processes."""
    if request.param == "folder":
        opened: list[Blobs] = [FolderBlobs(tmp_path / "files")] * 2  # A folder is one process's.
    elif request.param == "postgres":
        url = request.getfixturevalue("database")
        with psycopg.connect(url, autocommit=True) as connection:
            create_tables(connection)
        opened = [PostgresBlobs(url) for _ in range(2)]
    else:
        url = request.getfixturevalue("s3").url_of(
            f"bucket-{tmp_path.name}".lower()[:40].strip("-_").replace("_", "-")
        )
        opened = [S3Blobs(url) for _ in range(2)]
    with closing(opened[0]), closing(opened[1]):
        yield opened[0], opened[1]


@pytest.fixture
def blobs(stores: tuple[Blobs, Blobs]) -> Blobs:
    return stores[0]


@pytest.fixture
def keep(blobs: Blobs, tmp_path: Path):
    def keep(content: bytes, ending: str = "") -> str:
        name = hashlib.sha256(content).hexdigest() + ending
        file = tmp_path / f"upload-{threading.get_ident()}"
        file.write_bytes(content)
        blobs.put(name, file)
        assert not file.exists()
        return name

    return keep


@pytest.mark.parametrize("content", [b"", b"short", LARGE], ids=["empty", "short", "large"])
def test_bytes_come_back_as_they_were_at_every_process(stores, keep, content: bytes):
    name = keep(content)

    for blobs in stores:
        assert blobs.size(name) == len(content)
        assert b"".join(blobs.read(name)) == content


def test_a_part_of_the_bytes_is_read_a_little_at_a_time(blobs: Blobs, keep):
    name = keep(LARGE)

    for offset, size in [(0, 1), (1_048_570, 12), (5, 3 * PART_BYTES), (len(LARGE) - 3, 99)]:
        parts = list(blobs.read(name, offset, size))
        assert b"".join(parts) == LARGE[offset : offset + size]
        assert max(map(len, parts)) <= PART_BYTES
    assert list(blobs.read(name, len(LARGE))) == []


def test_what_is_there_stays_when_it_is_put_again(blobs: Blobs, keep):
    name = keep(b"the same")
    assert keep(b"the same") == name

    assert list(blobs.names()) == [(name, 8)]
    assert b"".join(blobs.read(name)) == b"the same"


def test_what_was_made_from_bytes_goes_with_them(blobs: Blobs, keep, tmp_path: Path):
    name, other = keep(b"a picture"), keep(b"another")
    small = tmp_path / "small"
    small.write_bytes(b"a small picture")
    blobs.put(f"{name}.preview", small)
    assert sorted(blobs.names()) == sorted([(name, 9), (f"{name}.preview", 15), (other, 7)])
    assert b"".join(blobs.read(f"{name}.preview")) == b"a small picture"

    blobs.delete(name)
    blobs.delete(name)

    assert list(blobs.names()) == [(other, 7)]
    assert (blobs.size(name), blobs.size(f"{name}.preview")) == (None, None)


def test_what_was_made_goes_alone_as_well(blobs: Blobs, keep):
    name = keep(b"a picture")
    small = keep(b"a picture", ".preview")

    blobs.delete(small)

    assert list(blobs.names()) == [(name, 9)]


def test_what_is_not_there_is_missing(blobs: Blobs):
    name = hashlib.sha256(b"never put").hexdigest()

    assert blobs.size(name) is None
    with pytest.raises(BlobMissing):
        blobs.read(name)


@pytest.mark.parametrize(
    "name", ["", "../../secret_key", "AB" * 32, "a" * 64 + "/x", "a" * 64 + "."]
)
def test_what_is_no_sha256_is_no_name(blobs: Blobs, tmp_path: Path, name: str):
    file = tmp_path / "upload"
    file.write_bytes(b"x")

    for ask in (blobs.size, blobs.delete, blobs.read, lambda it: blobs.put(it, file)):
        with pytest.raises(ValueError, match="no name"):
            ask(name)
    assert file.exists()


def test_many_threads_put_and_read_at_once(stores, tmp_path: Path):
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for round in range(4):
                content = b"%d" % (round * 2 + number % 2) * 1000
                name, file = hashlib.sha256(content).hexdigest(), tmp_path / f"upload-{number}"
                file.write_bytes(content)
                stores[number % 2].put(name, file)
                assert b"".join(stores[(number + 1) % 2].read(name)) == content
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failed == []
    assert len(list(stores[0].names())) == 8


def test_a_crash_before_the_rename_leaves_no_name(tmp_path: Path, monkeypatch):
    blobs = FolderBlobs(tmp_path / "files")
    file = tmp_path / "upload"
    file.write_bytes(b"half")
    name = hashlib.sha256(b"half").hexdigest()
    monkeypatch.setattr("os.rename", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))

    with pytest.raises(BlobsUnavailable, match="full"):
        blobs.put(name, file)

    assert blobs.size(name) is None
    assert file.exists()


def test_a_wrong_secret_is_told_in_words(s3: S3):
    blobs = S3Blobs(s3.url_of("bucket-wrong", secret="not the secret"))

    with pytest.raises(BlobsUnavailable, match="bucket"):
        list(blobs.names())


@pytest.mark.parametrize("url", ["s3://", "s3://bucket?endpont=x", "s3://bucket?endpoint"])
def test_a_wrong_url_is_refused(url: str):
    with pytest.raises(ValueError, match=r"like s3|bad query"):
        S3Blobs(url)
