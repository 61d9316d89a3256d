"""The type of a file is in its bytes; its name is for people."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatapp.features.files.names import cleaned
from chatapp.features.files.types import PASSIVE, TEXT, UNKNOWN, type_of
from tests.support.files import picture

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def zipped(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "video/mp4"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/mp4"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0", "video/quicktime"),
        (b"\x1a\x45\xdf\xa3....webm....", "video/webm"),
        (b"ID3\x04\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\0\0", "audio/mpeg"),
        (b"OggS\0\2", "audio/ogg"),
        (b"RIFF....WAVEfmt ", "audio/wav"),
        (zipped("a.txt"), "application/zip"),
        (zipped("[Content_Types].xml", "word/document.xml"), WORD),
        (b"", TEXT),
        ("ñandú\r\n\t語 🔥".encode(), TEXT),
        (b"\x1b[31mred\x1b[0m", TEXT),
        (b"\xef\xbb\xbfwith a mark", TEXT),
        (b"half a letter \xc3", UNKNOWN),
        (b"latin \xf1", UNKNOWN),
        (b"a\0b", UNKNOWN),
        (b"bell \x07", UNKNOWN),
        (b"\x7fELF\2\1\1", UNKNOWN),
        (b"MZ\x90\0", UNKNOWN),
    ],
)  # fmt: skip
def test_the_bytes_say_it(tmp_path: Path, content: bytes, type: str):
    (tmp_path / "file").write_bytes(content)

    assert type_of(tmp_path / "file") == type


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?>\n<!-- x -->\n<svg >",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"  \n<HTML><body onload=alert(1)>",
        b"hello <script>alert(1)</script>",
        b"<img src=x onerror=alert(1)>",
        b"text" * 200 + b"<iframe src=x>",
    ],
)
def test_markup_is_never_opened_in_place(tmp_path: Path, content: bytes):
    (tmp_path / "file").write_bytes(content)

    assert type_of(tmp_path / "file") not in PASSIVE


def test_text_is_looked_at_to_its_end(tmp_path: Path):
    (tmp_path / "file").write_bytes("ñ".encode() * 500_000 + b"\0")

    assert type_of(tmp_path / "file") == UNKNOWN


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\photo.jpg", "photo.jpg"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie_ x=1.txt"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\0b\x1b[31m.txt", "ab[31m.txt"),
        ('"quoted" <b>?.txt', "_quoted_ _b__.txt"),
        ("n\u0303andu\u0301.txt", "ñandú.txt"),
        ("👩‍👩‍👧 at the beach.jpg", "👩‍👩‍👧 at the beach.jpg"),
        (".bashrc", "bashrc"),
        ("half \ud800.txt", "half .txt"),
    ],
)
def test_a_name_is_no_path_and_hides_nothing(name: str, shown: str):
    assert cleaned(name) == shown


def test_a_long_name_keeps_its_ending():
    assert cleaned("x" * 300 + ".tar.gz") == "x" * 197 + ".gz"
    assert cleaned("語" * 300) == "語" * 200


@given(st.text(max_size=250))
@example("0\r\x1b 0")
@example("e\x1b\u0301")
def test_any_name_is_one_line_that_can_be_saved(name: str):
    shown = cleaned(name)

    assert 1 <= len(shown) <= 200
    assert not set(shown) & set('/\\\0\r\n<>:"|?*')
    assert cleaned(shown) == shown
