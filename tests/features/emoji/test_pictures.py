"""What becomes of a picture that becomes an emoji."""

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from chatapp.blobs.folder import FolderBlobs
from chatapp.domain.errors import TooLarge, Unsupported
from chatapp.domain.limits import MAX_EMOJI_BYTES
from chatapp.features.files.pictures import Pictures, SmallUse
from chatapp.features.files.small_pictures import SmallPicture, SmallPictures
from tests.support.files import picture


def animation(
    format: str = "GIF",
    frames: int = 3,
    size: tuple[int, int] = (300, 200),
    *,
    noise: bool = False,
    quality: int = 80,
) -> bytes:
    colours = ["red", "green", "blue"]
    images = [
        Image.effect_noise(size, 90 + n).convert("RGB")
        if noise
        else Image.new("RGB", size, colours[n % 3])
        for n in range(frames)
    ]
    for number, image in enumerate(images):
        image.putpixel((number % size[0], 0), (number, 255, 255))  # no two are the same
    file = io.BytesIO()
    images[0].save(
        file,
        format,
        save_all=True,
        append_images=images[1:],
        duration=[40] * frames,
        loop=0,
        quality=quality,
    )
    return file.getvalue()


class Maker:
    def __init__(self, folder: Path, pictures: Pictures) -> None:
        self.folder = folder
        self.blobs = FolderBlobs(folder / "files")
        (folder / "uploads").mkdir()
        self.pictures = SmallPictures(self.blobs, pictures, folder / "uploads", lambda: "new")
        self.claimed: list[str] = []

    def keep(self, data: bytes, use: SmallUse = "emoji") -> SmallPicture:
        made = self.pictures.keep(use, data, self.claimed.append)
        assert self.claimed[-1] == made.sha256
        assert sha256(self.read(made.sha256)).hexdigest() == made.sha256
        return made

    def read(self, name: str) -> bytes:
        return b"".join(self.blobs.read(name))

    def image(self, name: str) -> Image.Image:
        return Image.open(io.BytesIO(self.read(name)))


@pytest.fixture(scope="module")
def pictures() -> Iterator[Pictures]:
    with closing(Pictures()) as pictures:
        yield pictures


@pytest.fixture
def maker(tmp_path: Path, pictures: Pictures) -> Iterator[Maker]:
    yield Maker(tmp_path, pictures)
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_fits_and_keeps_its_shape(maker: Maker, format: str):
    made = maker.keep(picture(format, (400, 200)))

    image = maker.image(made.sha256)
    assert (image.format, image.size, made.animated) == ("WEBP", (128, 64), False)
    assert (made.width, made.height) == (128, 64)
    assert maker.blobs.size(made.sha256 + ".preview") is None


def test_a_small_one_stays_small(maker: Maker):
    made = maker.keep(picture("PNG", (20, 18)))

    assert maker.image(made.sha256).size == (20, 18)


def test_where_it_was_taken_is_gone_and_it_stands_upright(maker: Maker):
    made = maker.keep(picture("JPEG", (400, 200), at=True, turned=True))

    image = maker.image(made.sha256)
    assert image.size == (64, 128)
    assert len(image.getexif()) == 0


def test_what_is_seen_through_stays_so(maker: Maker):
    file = io.BytesIO()
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(file, "PNG")

    made = maker.keep(file.getvalue())

    assert maker.image(made.sha256).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("format", ["GIF", "WEBP"])
def test_an_animation_goes_on_and_has_a_still(maker: Maker, format: str):
    made = maker.keep(animation(format, 5))

    image, still = maker.image(made.sha256), maker.image(made.sha256 + ".preview")
    assert (image.size, image.n_frames, made.animated) == ((128, 85), 5, True)
    image.seek(1)
    image.load()
    assert image.info["duration"] == 40
    assert (still.size, getattr(still, "n_frames", 1)) == ((128, 85), 1)


def test_one_of_many_bytes_becomes_smaller(maker: Maker):
    content = animation("WEBP", 36, (128, 128), noise=True, quality=1)
    assert len(content) < MAX_EMOJI_BYTES

    made = maker.keep(content)

    assert made.bytes <= MAX_EMOJI_BYTES
    assert made.animated
    assert made.width < 128


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: b"", "PNG, JPEG, GIF or WebP"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "PNG, JPEG, GIF or WebP"),
        (lambda: b"%PDF-1.7", "PNG, JPEG, GIF or WebP"),
        (lambda: picture()[:40], "cannot be read"),
        (lambda: picture("PNG", (7000, 7000)), "cannot be read"),
        (lambda: animation("GIF", 151, (8, 8)), "at most 150 frames; this one has 151"),
        (lambda: animation("GIF", 120, (600, 600)), "too many pixels"),
    ],
    ids=["empty", "svg", "pdf", "cut", "bomb", "frames", "all frames"],
)
def test_what_can_be_no_emoji_is_refused_in_words(
    maker: Maker, make: Callable[[], bytes], why: str
):
    """The pictures are made here: with the file they would be made by every worker."""
    data = make()
    assert len(data) < MAX_EMOJI_BYTES

    with pytest.raises(Unsupported, match=why):
        maker.pictures.keep("emoji", data, maker.claimed.append)

    assert (maker.claimed, list(maker.blobs.names())) == ([], [])


def test_more_bytes_are_not_even_looked_at(maker: Maker):
    with pytest.raises(TooLarge, match="256 KB"):
        maker.pictures.keep("emoji", bytes(MAX_EMOJI_BYTES + 1), maker.claimed.append)
