"""What a crash has broken off is brought to its end, or undone, before anything else is done."""

from pathlib import Path

from chatapp.storage.disk import Disk
from chatapp.storage.hot_erase import finish_erasing
from chatapp.storage.staging import finish_swap


def finish(disk: Disk, folder: Path) -> None:
    """A journal's folder is the old one or the new one; without this, it may be neither.

    Whoever puts another log in its place calls this first: what is left beside it would be put
    into the new one later.
    """
    finish_swap(disk, folder)
    finish_erasing(disk, folder)
