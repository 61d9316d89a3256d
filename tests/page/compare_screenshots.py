"""What has changed between two folders of pictures that screenshots.py took:

    python -m tests.page.screenshots --still build/before      # then change something
    python -m tests.page.screenshots --still build/after
    python -m tests.page.compare_screenshots build/before build/after

Prints how much of each picture differs, the most first. With --still, times are left out, which
differ at each run. The browser decodes and compares: no library for pictures is needed.
"""

import base64
import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.support.browser import launched

DIFFERENCE = """async ([before, after]) => {
  const pixelsOf = async (picture) => {
    const answer = await fetch(`data:image/png;base64,${picture}`);
    const bitmap = await createImageBitmap(await answer.blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height);
  };
  const [one, other] = await Promise.all([pixelsOf(before), pixelsOf(after)]);
  if (one.width !== other.width || one.height !== other.height) return 1;
  const [a, b] = [new Uint32Array(one.data.buffer), new Uint32Array(other.data.buffer)];
  return a.reduce((different, pixel, at) => different + (pixel !== b[at]), 0) / a.length;
}"""


def main(before: Path, after: Path) -> int:
    """The exit status: 1 where something differs."""
    names = {path.name for folder in (before, after) for path in folder.glob("*.png")}
    with launched() as browser:
        page = browser.new_page()
        changed = {name: difference(page, before / name, after / name) for name in sorted(names)}
    for name, share in sorted(changed.items(), key=lambda each: -each[1]):
        if share:
            print(f"{share:8.3%}  {name}")
    print(f"{sum(map(bool, changed.values()))} of {len(names)} pictures differ")
    return int(any(changed.values()))


def difference(page: Page, before: Path, after: Path) -> float:
    """The share of pixels that differ; 1 where a picture is missing or has another size."""
    if not before.is_file() or not after.is_file():
        return 1
    pictures = [base64.b64encode(path.read_bytes()).decode() for path in (before, after)]
    share: float = page.evaluate(DIFFERENCE, pictures)
    return share


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
