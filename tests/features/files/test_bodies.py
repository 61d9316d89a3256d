"""Bodies of uploads, cut and broken anywhere: each byte of a file arrives, or nothing is kept."""

from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.domain.errors import BadPayload
from chatapp.features.files.bodies import MAX_HEAD_BYTES, MultipartBody

BOUNDARY = "----edge"
LINE = b"--" + BOUNDARY.encode()
NASTY = [b"\r\n", b"\r", b"\n", b"--", LINE, b"\r\n" + LINE[:-1], LINE + b"--", b"x" * 70_000]

contents = st.lists(st.one_of(st.binary(max_size=200), st.sampled_from(NASTY)), max_size=6).map(
    b"".join
)


class Memory:
    """In place of a file on the disk."""

    path = Path("nowhere")

    def __init__(self) -> None:
        self.got = b""

    def write(self, data) -> None:
        self.got += bytes(data)


def encoded(files: list[bytes]) -> bytes:
    head = b'\r\nContent-Disposition: form-data; name="file"; filename="%d"\r\n\r\n'
    parts = [LINE + head % number + content for number, content in enumerate(files)]
    return b"\r\n".join([*parts, LINE + b"--\r\n"])


def read(sent: bytes, cuts: list[int]) -> list[bytes]:
    body = MultipartBody(BOUNDARY, Memory)
    edges = sorted({0, len(sent), *(cut % (len(sent) + 1) for cut in cuts)})
    for start, end in pairwise(edges):
        body.write(memoryview(bytearray(sent[start:end])))
        assert len(body._decoder.buffer) <= MAX_HEAD_BYTES + len(sent[start:end])
    body.finish()
    return [file.got for _, file in body.files]


def holds_a_boundary(content: bytes) -> bool:
    """Whether a client would have chosen another one."""
    return any(end + LINE in b"\n" + content for end in (b"\r", b"\n"))


@pytest.mark.parametrize("content", [b"", b"\0" * 9, b"\r", b"\r\n"])
def test_a_body_may_be_cut_between_any_two_bytes(content):
    sent = encoded([content, b"two"])

    assert all(read(sent, [cut]) == [content, b"two"] for cut in range(len(sent)))


@given(st.lists(contents, min_size=1, max_size=4), st.lists(st.integers(0, 1 << 20), max_size=8))
def test_files_arrive_whatever_they_hold_and_wherever_they_are_cut(files, cuts):
    files = [each for each in files if not holds_a_boundary(each)] or [b"x"]

    assert read(encoded(files), cuts) == files


@given(contents, contents, st.integers(0, 400), st.lists(st.integers(0, 1 << 20), max_size=5))
def test_a_broken_body_is_refused_in_words(content, junk, at, cuts):
    sent = encoded([content])
    broken = sent[:at] + junk + sent[at + len(junk) :]

    with suppress(BadPayload):
        read(broken, cuts)


@given(st.binary(max_size=400), st.lists(st.integers(0, 1 << 20), max_size=5))
def test_any_bytes_are_a_body_or_refused(sent, cuts):
    try:
        files = read(sent, cuts)
    except BadPayload:
        return
    assert files


class Forgetful(Memory):
    def write(self, data) -> None:
        """It is gone."""


def test_the_memory_has_no_body():
    body = MultipartBody(BOUNDARY, Forgetful)
    body.write(encoded([b"x" * 100_000])[: -len(LINE) - 6])
    for _ in range(30):
        body.write(b"y" * 100_000)

    assert len(body._decoder.buffer) < 1000


def test_a_file_over_the_limit_stops_the_body():
    class Full(Memory):
        def write(self, data) -> None:
            raise BadPayload("Too much.")

    with pytest.raises(BadPayload, match="Too much"):
        MultipartBody(BOUNDARY, Full).write(encoded([b"x" * 100]))
