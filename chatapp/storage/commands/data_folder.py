"""The data folder while a command works on it: locked, watched, and with a place for the old."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from chatapp.storage.batches import size_of
from chatapp.storage.disk import Disk
from chatapp.storage.errors import StorageError
from chatapp.storage.folder import DataFolder, is_data_folder
from chatapp.storage.journals import JOURNALS
from chatapp.storage.moment import now
from chatapp.storage.progress import Progress, unwatched
from chatapp.storage.progress_bar import progress_bar


@contextmanager
def opened(data: Path, *, make: bool = False) -> Iterator[DataFolder]:
    """The data folder, locked: no server may be running. One that is not there may be made."""
    if not make and not is_data_folder(data):
        raise StorageError(f"There is no log in {data}.")
    folder = DataFolder.open(data)
    try:
        yield folder
    finally:
        folder.close()


def watched(what: str, *journals: Path) -> AbstractContextManager[Progress]:
    """A bar for reading these journals once each; none for nothing to read."""
    if not journals:
        return nullcontext(unwatched)
    return progress_bar(what, sum(size_of(Disk(), journal) for journal in journals))


def journals_in(data: Path) -> list[Path]:
    """All that there can be; one that is missing has no bytes to read."""
    return [data / name for name in JOURNALS]


def kept_name(folder: DataFolder, what: str) -> Path:
    """Where the old one is kept, under a name that no other command takes."""
    return folder.backups / f"{what}-{now():%Y%m%dT%H%M%S%f}"
