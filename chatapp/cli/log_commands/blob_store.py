"""Where a chat has the bytes of its files: a bucket, the database, or the data folder."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from chatapp.blobs.names import BlobsUnavailable
from chatapp.config import Config
from chatapp.log.errors import StorageError
from chatapp.ports import Blobs
from chatapp.store.data_folder import database_of
from chatapp.upkeep.files.opening import open_blobs

ELSEWHERE = (
    "The bytes of the files are in the database: give it with --postgres URL or CHATAPP_POSTGRES."
)

with_bucket = click.option(
    "--bucket",
    envvar="CHATAPP_FILES",
    metavar="URL",
    help="The bucket of files, if they are in one.  [CHATAPP_FILES]",
)


@contextmanager
def opened_blobs(data: Path, bucket: str | None, postgres: str | None) -> Iterator[Blobs]:
    """Raises StorageError if they cannot be reached."""
    if bucket is None and postgres is None and database_of(data):
        raise StorageError(ELSEWHERE)
    config = Config(data=data, files=bucket, postgres=postgres)
    try:
        with closing(open_blobs(config)) as blobs:
            yield blobs
    except BlobsUnavailable as error:
        raise StorageError(str(error)) from error
