"""Where a picture was taken goes, and nothing else: no pixel, no byte of the rest."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chatapp.features.files.positions import remove_position, without_gps
from tests.support.files import picture

XMP = b"<x:xmpmeta><rdf:Description exif:GPSLatitude='48,51.5N' xmp:Rating='5'/></x:xmpmeta>"
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def removed(tmp_path: Path, content: bytes, type: str) -> bytes:
    """The bytes afterwards; all of the same length."""
    file = tmp_path / "file"
    file.write_bytes(content)
    is_changed = remove_position(file, type)
    after = file.read_bytes()
    assert len(after) == len(content)
    assert is_changed == (after != content)
    return after


def seen(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("format", TYPES)
def test_the_position_goes_and_the_rest_stays(tmp_path: Path, format: str):
    content = picture(format, at=True, turned=True)
    assert seen(content).getexif().get_ifd(0x8825)[2]

    after = removed(tmp_path, content, TYPES[format])

    exif = seen(after).getexif()
    assert exif.get_ifd(0x8825) == {}
    assert (exif[0x010F], exif[0x0112]) == ("A camera", 6)
    assert seen(after).tobytes() == seen(content).tobytes()
    assert struct.pack("<II", 48, 1) not in after
    assert struct.pack(">II", 48, 1) not in after
    assert removed(tmp_path, after, TYPES[format]) == after


@pytest.mark.parametrize("format", TYPES)
def test_a_picture_without_a_position_stays_as_it_is(tmp_path: Path, format: str):
    content = picture(format, turned=True)

    assert removed(tmp_path, content, TYPES[format]) == content


@pytest.mark.parametrize("format", ["JPEG", "WEBP"])
def test_xmp_with_a_position_goes(tmp_path: Path, format: str):
    file = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(file, format, xmp=XMP)
    assert b"GPSLatitude" in file.getvalue()

    after = removed(tmp_path, file.getvalue(), TYPES[format])

    assert b"GPSLatitude" not in after
    assert seen(after).tobytes() == seen(file.getvalue()).tobytes()


@pytest.mark.parametrize("packed", [False, True])
def test_xmp_in_a_text_of_png_goes_and_its_checksum_is_right(tmp_path: Path, packed: bool):
    file, texts = io.BytesIO(), PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode(), zip=packed)
    texts.add_text("Raw profile type exif", "47 50 53" * 9, zip=packed)
    texts.add_text("Title", "A location")
    Image.new("RGB", (9, 9), "red").save(file, "PNG", pnginfo=texts)

    after = removed(tmp_path, file.getvalue(), "image/png")

    assert b"GPSLatitude" not in after
    image = seen(after)
    assert image.text["Title"] == "A location"
    assert "GPS" not in str(image.text)
    assert checksums_are_right(after)


def checksums_are_right(png: bytes) -> bool:
    at = 8
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        body = png[at + 4 : at + 8 + length]
        if zlib.crc32(body) != struct.unpack_from(">I", png, at + 8 + length)[0]:
            return False
        at += 12 + length
    return kind == b"IEND"


def test_a_second_picture_in_the_file_is_cleaned_too(tmp_path: Path):
    content = picture("JPEG") + b"junk" * 100_000 + picture("JPEG", at=True)

    after = removed(tmp_path, content, "image/jpeg")

    second = after[after.rindex(b"\xff\xd8\xff") :]
    assert seen(second).getexif().get_ifd(0x8825) == {}


def test_where_a_film_was_made_is_zeros(tmp_path: Path):
    atom = b"\0\0\0\x20\xa9xyz\0\x12\x15\xc7+48.8577+002.295/"
    content = b"\0\0\0\x18ftypisom" + bytes(262_144 - 30) + atom + b"\xff" * 1000

    after = removed(tmp_path, content, "video/mp4")

    assert b"+00.0000+000.000/" in after
    assert b"48.8577" not in after


def test_exif_whose_position_is_its_own_directory_breaks_nothing():
    entry = struct.pack("<HHII", 0x8825, 4, 1, 8)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4)

    assert len(without_gps(tiff)) == len(tiff)


@given(st.binary(max_size=200), st.sampled_from([b"II*\0", b"MM\0*", b""]))
def test_any_exif_keeps_its_length(tiff: bytes, start: bytes):
    assert len(without_gps(start + tiff)) == len(start + tiff)


@given(st.data(), st.sampled_from(list(TYPES)))
def test_a_broken_picture_breaks_nothing(tmp_path_factory, data, format: str):
    content = bytearray(picture(format, at=True))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    folder = tmp_path_factory.mktemp("broken", numbered=True)

    removed(folder, bytes(content[:cut]), TYPES[format])
