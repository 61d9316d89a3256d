"""The process that decodes pictures: `python -m chatapp.features.files.picture_process`.

It reads a line of JSON for each picture, and answers with one (pictures.py has their forms). Its
memory, its time and the files that it writes are limited before it reads the first byte. It ends
with the server, which closes its standard input.
"""

import os
import resource
import sys
import warnings
from typing import Any

import msgspec
import pypdfium2
from PIL import Image

from chatapp.features.files.emoji_picture import make_emoji
from chatapp.features.files.model import SMALLER
from chatapp.features.files.photo_picture import make_photo
from chatapp.features.files.pictures import AskedPicture, SeenPicture
from chatapp.features.files.turning import ORIENTATION, Unfit, upright
from chatapp.features.files.types import PDF

MEMORY_BYTES = 1 << 30
"""Address space: the largest picture takes a third of it, decoded and turned."""
CPU_SECONDS = 15
WRITTEN_BYTES = 32 << 20
OPEN_FILES = 32
NICENESS = 10

MAX_PIXELS = 40_000_000
FITTING = (2048, 2048)
QUALITY = 78
EFFORT = 2
"""Of 6: more takes thrice the time for a twentieth less bytes."""
FORMATS = {
    "image/png": ["PNG"],
    "image/jpeg": ["JPEG"],
    "image/gif": ["GIF"],
    "image/webp": ["WEBP"],
}
PDF_DPI_SCALE = 96 / 72
LYING = (5, 6, 7, 8)
_WRONG = (OSError, ValueError, SyntaxError, MemoryError, ArithmeticError, LookupError, TypeError)
"""What Pillow raises at what it cannot decode."""


def main() -> None:
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_FSIZE, WRITTEN_BYTES)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    os.nice(NICENESS)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    for line in sys.stdin.buffer:
        _allow_more_time()
        seen = look(msgspec.json.decode(line, type=AskedPicture))
        sys.stdout.buffer.write(msgspec.json.encode(seen) + b"\n")
        sys.stdout.buffer.flush()


def look(asked: AskedPicture) -> SeenPicture:
    try:
        if asked.use:
            make = {"emoji": make_emoji, "photo": make_photo}[asked.use]
            with Image.open(asked.path, formats=FORMATS[asked.type]) as picture:
                return make(picture, asked, most_pixels=MAX_PIXELS)
        return _look_at_pdf(asked) if asked.type == PDF else _look_at_picture(asked)
    except Unfit as unfit:
        return SeenPicture(error="unfit", reason=str(unfit))
    except (*_WRONG, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        return SeenPicture(error=f"{type(error).__name__}: {error}"[:200])
    except (EOFError, AttributeError, pypdfium2.PdfiumError) as error:
        return SeenPicture(error=f"{type(error).__name__}: {error}"[:200])


def _look_at_picture(asked: AskedPicture) -> SeenPicture:
    with Image.open(asked.path, formats=FORMATS[asked.type]) as picture:
        width, height = picture.size
        orientation = picture.getexif().get(ORIENTATION, 1)
        is_large = max(width, height) > FITTING[0] and not getattr(picture, "is_animated", False)
        picture.draft("RGB", FITTING)  # a JPEG is decoded at a half or a quarter of its size
        picture.load()  # all of it: what is cut off is no picture
        plain = _without_palette(picture)
    plain.thumbnail(FITTING, Image.Resampling.BICUBIC, reducing_gap=2.0)
    plain = upright(plain, orientation)
    if is_large:
        _save(plain, asked.fitting)
    plain.thumbnail(SMALLER, Image.Resampling.BICUBIC, reducing_gap=2.0)
    _save(plain, asked.smaller)
    if orientation in LYING:
        width, height = height, width
    return SeenPicture(width, height, has_smaller=True, has_fitting=is_large)


def _look_at_pdf(asked: AskedPicture) -> SeenPicture:
    document = pypdfium2.PdfDocument(asked.path)
    try:
        page = document[0]
        width, height = page.get_size()
        if not (0 < width < 1e5 and 0 < height < 1e5):
            raise ValueError(f"a page of {width} × {height} points")
        scale = min(SMALLER[0] / width, SMALLER[1] / height, 4.0)
        bitmap: Any = page.render(scale=scale, may_draw_forms=False)
        _save(_without_palette(bitmap.to_pil()), asked.smaller)
    finally:
        document.close()
    return SeenPicture(
        max(1, round(width * PDF_DPI_SCALE)),
        max(1, round(height * PDF_DPI_SCALE)),
        has_smaller=True,
    )


def _without_palette(picture: Image.Image) -> Image.Image:
    """A copy that can be made smaller."""
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if has_alpha else "RGB")


def _save(picture: Image.Image, path: str) -> None:
    """Without any metadata."""
    picture.info.clear()
    picture.save(path, "WEBP", quality=QUALITY, method=EFFORT)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _allow_more_time() -> None:
    """So many seconds more than it has had; then the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    more = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (more, hard))


if __name__ == "__main__":
    main()
