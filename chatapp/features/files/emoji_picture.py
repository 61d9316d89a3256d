"""Makes an emoji of a picture that is open, in the process that decodes pictures.

It becomes a WebP that fits 128 × 128 pixels, upright and without any metadata. An animated one
keeps its frames and their times, up to so many frames and bytes.
"""

from pathlib import Path

from PIL import Image, ImageSequence

from chatapp.domain.limits import MAX_EMOJI_BYTES
from chatapp.features.files.pictures import AskedPicture, SeenPicture
from chatapp.features.files.turning import ORIENTATION, Unfit, upright

EMOJI_PIXELS = 128
"""Of each side, at most."""
SIZES = (EMOJI_PIXELS, 96, 64)
"""The next one is tried if there are too many bytes."""
MAX_FRAMES = 150
MIN_FRAME_MS = 20
"""Browsers show shorter frames slower."""
USUAL_FRAME_MS = 100
QUALITY = 80
EFFORT = 4


def make_emoji(picture: Image.Image, asked: AskedPicture, *, most_pixels: int) -> SeenPicture:
    """Write it to `asked.smaller`, and the first frame of an animated one to `asked.fitting`."""
    count = getattr(picture, "n_frames", 1)
    if count > MAX_FRAMES:
        raise Unfit(f"An animated emoji has at most {MAX_FRAMES} frames; this one has {count:,}.")
    if count * picture.width * picture.height > most_pixels:
        raise Unfit("This picture has too many pixels. Make it smaller first.")
    orientation = picture.getexif().get(ORIENTATION, 1)
    frames, times = [], []
    for frame in ImageSequence.Iterator(picture):
        shown = frame.convert("RGBA")
        shown.thumbnail((SIZES[0], SIZES[0]), Image.Resampling.LANCZOS, reducing_gap=3.0)
        frames.append(upright(shown, orientation))
        times.append(max(MIN_FRAME_MS, int(frame.info.get("duration") or USUAL_FRAME_MS)))
    for size in SIZES:
        for frame in frames:
            frame.thumbnail((size, size), Image.Resampling.LANCZOS)
        _save(frames, times, asked.smaller)
        if Path(asked.smaller).stat().st_size <= MAX_EMOJI_BYTES:
            break
    else:
        raise Unfit("This animation is too long for an emoji. Leave out some of its frames.")
    if len(frames) > 1:
        _save(frames[:1], [], asked.fitting)
    return SeenPicture(*frames[0].size, has_smaller=True, is_animated=len(frames) > 1)


def _save(frames: list[Image.Image], times: list[int], path: str) -> None:
    first, *others = frames
    first.info.clear()
    if not others:
        first.save(path, "WEBP", quality=QUALITY, method=EFFORT)
        return
    first.save(
        path,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=times,
        loop=0,
        quality=QUALITY,
        method=EFFORT,
    )
