"""Opens where a chat has the bytes of its files: a bucket, the database, or the data folder."""

import importlib

from chatapp.blobs.folder import FolderBlobs
from chatapp.config import Config
from chatapp.log.errors import StorageError
from chatapp.ports import Blobs


def open_blobs(config: Config) -> Blobs:
    """Where the bytes of files are. The drivers are imported only if they are needed. Raises
    StorageError."""
    if config.files is not None:
        try:
            opened: Blobs = importlib.import_module("chatapp.blobs.s3").S3Blobs(config.files)
        except ImportError as error:
            raise StorageError(
                "A bucket needs the package obstore: pip install 'chatapp[s3]'"
            ) from error
        except ValueError as error:
            raise StorageError(f"CHATAPP_FILES is wrong: {error}.") from None
        return opened
    if config.postgres is not None:
        shared = importlib.import_module("chatapp.cluster.postgres_blobs")
        in_database: Blobs = shared.PostgresBlobs(config.postgres)
        return in_database
    return FolderBlobs(config.data / "files")
