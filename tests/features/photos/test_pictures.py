"""What becomes of a picture that becomes a photo."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from chatapp.domain.errors import TooLarge, Unsupported
from chatapp.domain.limits import MAX_PHOTO_BYTES
from tests.features.emoji.test_pictures import Maker, animation, maker, pictures
from tests.support.files import picture

__all__ = ["maker", "pictures"]


def halves(size: tuple[int, int]) -> bytes:
    """Blue, with a red square in the middle."""
    image = Image.new("RGB", size, "blue")
    side = min(size) - 8
    image.paste("red", ((size[0] - side) // 2, (size[1] - side) // 2, *_end(size, side)))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _end(size: tuple[int, int], side: int) -> tuple[int, int]:
    return (size[0] + side) // 2, (size[1] + side) // 2


@pytest.mark.parametrize("size", [(900, 300), (300, 900)], ids=["wide", "high"])
def test_the_middle_becomes_a_square(maker: Maker, size: tuple[int, int]):
    made = maker.keep(halves(size), "photo")

    image = maker.image(made.sha256).convert("RGB")
    assert (image.size, (made.width, made.height)) == ((256, 256), (256, 256))
    edge = 256 * 10 // 300
    red, _, blue = image.getpixel((edge, edge))
    assert red > 200 > 60 > blue


def test_a_small_one_stays_small_and_stands_upright_without_its_place(maker: Maker):
    made = maker.keep(picture("JPEG", (100, 60), at=True, turned=True), "photo")

    image = maker.image(made.sha256)
    assert (image.format, image.size) == ("WEBP", (60, 60))
    assert len(image.getexif()) == 0


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_an_animation_stands_still(maker: Maker, format: str):
    made = maker.keep(animation(format, 5), "photo")

    assert (made.animated, getattr(maker.image(made.sha256), "n_frames", 1)) == (False, 1)
    assert maker.blobs.size(made.sha256 + ".preview") is None


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: b"", "A photo is a PNG, JPEG, GIF or WebP"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "A photo is a PNG"),
        (lambda: picture()[:40], "cannot be read"),
        (lambda: picture("PNG", (8, 200)), "at least 16 pixels"),
        (lambda: picture("PNG", (7000, 7000)), "cannot be read"),
    ],
    ids=["empty", "svg", "cut", "thin", "bomb"],
)
def test_what_can_be_no_photo_is_refused_in_words(
    maker: Maker, make: Callable[[], bytes], why: str
):
    with pytest.raises(Unsupported, match=why):
        maker.keep(make(), "photo")


def test_one_of_too_many_bytes_is_not_looked_at(maker: Maker):
    with pytest.raises(TooLarge, match="A photo has at most 10 MB"):
        maker.keep(bytes(MAX_PHOTO_BYTES + 1), "photo")
    assert maker.claimed == []
