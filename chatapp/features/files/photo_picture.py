"""Makes a photo of a person of a picture that is open, in the process that decodes pictures.

It becomes a square WebP of at most 256 × 256 pixels, cut from the middle, upright and without any
metadata. Of an animated picture, it is the first frame: a face beside every message stands still.
"""

from PIL import Image, ImageOps

from chatapp.features.files.pictures import AskedPicture, SeenPicture
from chatapp.features.files.turning import ORIENTATION, Unfit, upright

PHOTO_PIXELS = 256
"""Of each side, at most: a flag of 64 CSS pixels on a screen with four times as many."""
LEAST_PIXELS = 16
QUALITY = 82
EFFORT = 4


def make_photo(picture: Image.Image, asked: AskedPicture, *, most_pixels: int) -> SeenPicture:
    """Write it to `asked.smaller`."""
    shortest = min(picture.size)
    if shortest < LEAST_PIXELS:
        raise Unfit(f"A photo has at least {LEAST_PIXELS} pixels on each side.")
    if picture.width * picture.height > most_pixels:
        raise Unfit("This picture has too many pixels. Make it smaller first.")
    orientation = picture.getexif().get(ORIENTATION, 1)
    picture.draft("RGB", (2 * PHOTO_PIXELS, 2 * PHOTO_PIXELS))  # less of a large JPEG is decoded
    picture.load()
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    plain = picture.convert("RGBA" if has_alpha else "RGB")
    side = min(PHOTO_PIXELS, shortest)
    square = upright(ImageOps.fit(plain, (side, side), Image.Resampling.LANCZOS), orientation)
    square.info.clear()
    square.save(asked.smaller, "WEBP", quality=QUALITY, method=EFFORT)
    return SeenPicture(side, side, has_smaller=True)
