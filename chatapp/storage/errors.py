"""What the log cannot do, said in one line for the person who starts the server."""


class StorageError(Exception):
    """The data on disk is not as it should be, or not ours to use. Says where, and what to do."""


class OtherVersion(StorageError):
    """The data is of an older or a newer version: not damaged, and not ours to repair."""


class IndexFailed(StorageError):
    """SQLite cannot read or write the index; the log may be as whole as ever."""


class DiskFull(Exception):
    """A batch could not be written and was taken back. It may go better later."""


class DiskFailed(Exception):
    """What was written may or may not be on disk. Nothing more is written by this process."""
