"""Pictures are decoded in a process of their own, which is limited and may die."""

import io
import os
import signal
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from chatapp.features.files.pictures import Pictures
from tests.support.files import picture
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def pictures() -> Iterator[Pictures]:
    with closing(Pictures()) as pictures:
        yield pictures


def looked(pictures: Pictures, folder: Path, content: bytes, type: str):
    """What is seen, and the sizes of the pictures that were made."""
    file = folder / "file"
    file.write_bytes(content)
    seen, *made = pictures.look(file, type)
    sizes = []
    for path in made:
        if path.exists():
            with Image.open(path) as image:
                assert (image.format, len(image.getexif())) == ("WEBP", 0)
                sizes.append(image.size)
            path.unlink()
    return seen, sizes


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_has_a_size_and_a_preview(pictures, tmp_path: Path, format: str):
    seen, sizes = looked(pictures, tmp_path, picture(format), f"image/{format.lower()}")

    assert (seen.width, seen.height, sizes) == (40, 30, [(40, 30)])


def test_a_large_one_that_lies_on_its_side_is_turned_upright(pictures, tmp_path: Path):
    content = picture("JPEG", (4000, 1000), turned=True)

    seen, sizes = looked(pictures, tmp_path, content, "image/jpeg")

    assert (seen.width, seen.height) == (1000, 4000)
    assert sizes == [(200, 800), (512, 2048)]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_each_orientation_is_turned_as_pillow_does(pictures, tmp_path, format, orientation: int):
    corners, exif = Image.new("RGB", (300, 200), "white"), Image.Exif()
    corners.paste("red", (0, 0, 150, 100))
    corners.paste("blue", (0, 100, 150, 200))
    exif[0x0112] = orientation
    corners.save(tmp_path / "file", format, exif=exif)

    seen, smaller, _ = pictures.look(tmp_path / "file", f"image/{format.lower()}")

    with Image.open(smaller) as made, Image.open(tmp_path / "file") as original:
        expected = ImageOps.exif_transpose(original).convert("RGB")
        assert (seen.width, seen.height) == made.size == expected.size
        width, height = made.size
        for at in [(9, 9), (width - 9, 9), (9, height - 9), (width - 9, height - 9)]:
            got, wanted = made.convert("RGB").getpixel(at), expected.getpixel(at)
            assert max(abs(a - b) for a, b in zip(got, wanted, strict=True)) < 40


def test_forty_million_pixels_are_not_too_many(pictures, tmp_path: Path):
    assert looked(pictures, tmp_path, flat(8000, 5000), "image/png")[1] == [
        (960, 600),
        (2048, 1280),
    ]


def test_one_that_moves_has_a_still_preview(pictures, tmp_path: Path):
    frames = [Image.new("RGB", (3000, 10), colour) for colour in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])

    seen, sizes = looked(pictures, tmp_path, file.getvalue(), "image/gif")

    assert (seen.has_fitting, len(sizes)) == (False, 1)


def test_the_first_page_of_a_pdf_is_a_picture(pictures, tmp_path: Path):
    file = io.BytesIO()
    Image.new("RGB", (300, 600), "white").save(file, "PDF")

    seen, sizes = looked(pictures, tmp_path, file.getvalue(), "application/pdf")

    assert seen.height == 2 * seen.width
    assert sizes == [(400, 800)]


def png_of(width: int, height: int) -> bytes:
    """A small file that says it is as large as that."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def flat(width: int, height: int) -> bytes:
    """A picture of one bit a pixel."""
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


BROKEN = {
    "too many pixels": flat(9000, 6000),
    "cut off": picture("PNG", (500, 500))[:-40],
    "a bomb": png_of(10_000, 10_000),
    "a bigger bomb": png_of(2_000_000, 2_000_000),
    "nothing behind the head": b"\x89PNG\r\n\x1a\n",
    "another format": picture("WEBP"),
    "no picture": b"\x89PNG\r\n\x1a\n" + os.urandom(5000),
    "many frames of text": png_of(0, 0),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_does_not_decode_is_told_and_the_next_one_is_seen(pictures, tmp_path, what: str):
    seen, sizes = looked(pictures, tmp_path, BROKEN[what], "image/png")

    assert seen.error
    assert sizes == []
    assert looked(pictures, tmp_path, picture(), "image/png")[0].width == 40


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 nothing", b"%PDF-1.4\n" + b"1 0 obj<</Type/Catalog>>" * 9]
)
def test_a_broken_pdf_has_no_preview(pictures, tmp_path: Path, content: bytes):
    assert looked(pictures, tmp_path, content, "application/pdf")[0].error


def test_one_that_takes_too_long_ends_the_process_and_the_next_one_is_seen(tmp_path: Path):
    with closing(Pictures(seconds=0.0)) as impatient:
        seen, _ = looked(impatient, tmp_path, picture(), "image/png")
        assert "ended" in seen.error
        impatient._seconds = 30.0
        assert looked(impatient, tmp_path, picture(), "image/png")[0].width == 40


def test_a_process_that_was_killed_is_replaced(pictures: Pictures, tmp_path: Path):
    looked(pictures, tmp_path, picture(), "image/png")
    process = pictures._process
    os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: process.poll() is not None, what="the process to be gone")

    assert looked(pictures, tmp_path, picture(), "image/png")[0].width == 40


def test_the_process_has_limits_of_memory_files_and_size(pictures: Pictures, tmp_path: Path):
    looked(pictures, tmp_path, picture(), "image/png")

    limits = Path(f"/proc/{pictures._process.pid}/limits").read_text()

    rows = {line[:25].strip(): line[26:46].strip() for line in limits.splitlines()}
    assert rows["Max address space"] == str(1 << 30)
    assert rows["Max core file size"] == "0"
    assert int(rows["Max cpu time"]) <= 60
    assert int(rows["Max open files"]) <= 64
