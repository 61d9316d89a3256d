"""The data folder, which belongs to one user and one server at a time, and its journals."""

import os
import pwd
import secrets
from pathlib import Path

from chatapp.log.disk import Disk, read_file, replace_file, sync_folder, write_all
from chatapp.log.errors import StorageError, one_line_for
from chatapp.log.staging import is_between
from chatapp.store.interrupted import finish, finish_restore

JOURNALS = ("messages", "directory", "audit")
INDEXES = {"messages": "index.sqlite3", "audit": "audit.sqlite3"}
"""File names of the indexes, by journal."""
FILES = "files"
"""The folder with the bytes of files: here, in a backup, and beside an export."""
KEY_FILE = "secret_key"
DATABASE = "database"
"""The file with the id of the database that the journals are a copy of."""


class CopyOfDatabase(StorageError):
    """The journals may only be changed by a server that has the database, or another one."""


class DataFolder:
    """An opened and locked data folder. The lock ends with `close`, or with the process."""

    def __init__(self, path: Path, lock_fd: int, secret_key: str, disk: Disk) -> None:
        self.path = path
        self.messages = path / "messages"
        self.directory = path / "directory"
        self.audit = path / "audit"
        self.audit_index = path / INDEXES["audit"]
        self.index = path / INDEXES["messages"]
        self.quarantine = path / "quarantine"
        self.backups = path / "backups"
        self.secret_key = secret_key
        self._lock_fd = lock_fd
        self._disk = disk

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        database: str | None = None,
        only_reads: bool = False,
        disk: Disk | None = None,
    ) -> "DataFolder":
        """Create the folder if it is missing, and finish what a crash has interrupted in it.

        `database` is the id of the database that the journals are a copy of. Raises CopyOfDatabase
        if they are not, or are a copy that somebody without the database may write to; and
        StorageError if the folder is in use, or belongs to another user.
        """
        disk = disk or Disk()
        with one_line_for(path):
            _check_owner(path)
            known = database_of(path, disk)
            if not only_reads:
                _check_database(path, known, database)
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.chmod(0o700)
            lock_fd = _lock(disk, path)
            try:
                if database and not known:
                    replace_file(disk, path / DATABASE, f"{database}\n".encode())
                    sync_folder(disk, path)
                finish_restore(disk, path)
                for name in JOURNALS:
                    finish(disk, path / name)
                return cls(path, lock_fd, _secret_key(disk, path), disk)
            except BaseException:
                disk.close(lock_fd)
                raise

    def become_independent(self, secret_key: str) -> None:
        """From now on the folder is no copy of a database, but a chat of its own."""
        replace_file(self._disk, self.path / KEY_FILE, f"{secret_key}\n".encode())
        self._disk.unlink(self.path / DATABASE)
        sync_folder(self._disk, self.path)

    def close(self) -> None:
        self._disk.close(self._lock_fd)


def database_of(path: Path, disk: Disk | None = None) -> str | None:
    """The id of the database that the journals are a copy of, if they are."""
    disk, file = disk or Disk(), path / DATABASE
    return (read_file(disk, file).decode().strip() or None) if disk.exists(file) else None


def is_data_folder(path: Path) -> bool:
    """Whether the folder has a journal, or an interrupted change of one."""
    states = ("", ".making", ".ready")
    return any((path / f"{name}{state}").exists() for name in JOURNALS for state in states)


def journals_of(disk: Disk, data: Path) -> list[str]:
    """The journals of a data folder. If no server ever ran on it, some are missing."""
    for name in JOURNALS:
        if is_between(disk, data / name):
            raise StorageError(
                f"A command was interrupted while it exchanged {data / name}; "
                "`chatapp log reindex` or the next start of the server finishes it."
            )
    present = [name for name in JOURNALS if disk.exists(data / name)]
    if not present:
        raise StorageError(f"There is no log in {data}.")
    return present


def _check_owner(path: Path) -> None:
    """Do not write as root what the server, which is not root, could not read."""
    for journal in (path / name for name in JOURNALS):
        if journal.exists() and (uid := journal.stat().st_uid) != os.geteuid():
            owner = _user(uid)
            raise StorageError(
                f"The data folder {path} belongs to the user {owner}; run this as {owner} "
                f"(sudo -u '{owner}' …), or what is written now could not be read by them."
            )


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"#{uid}"


def _check_database(path: Path, known: str | None, database: str | None) -> None:
    """What is written to a copy by itself would make it differ from the others."""
    if known == database:
        return
    if known and database is None:
        raise CopyOfDatabase(
            f"{path} is a copy of a database, which only servers change: start the server "
            "(chatapp serve --postgres URL), and run this again."
        )
    if known or is_data_folder(path):
        raise CopyOfDatabase(
            f"{path} has another history than the database. Use an empty data folder, or the "
            "database that it belongs to."
        )


def _lock(disk: Disk, path: Path) -> int:
    fd = disk.open(path / "lock", os.O_RDWR | os.O_CREAT)
    try:
        disk.lock(fd)
    except BlockingIOError:
        holder = disk.read(fd, 20, 0).decode(errors="replace").strip() or "unknown"
        disk.close(fd)
        raise StorageError(
            f"The data folder {path} is in use by another server (pid {holder}); stop it first."
        ) from None
    disk.truncate(fd, 0)
    write_all(disk, fd, b"%d\n" % os.getpid(), 0)
    return fd


def _secret_key(disk: Disk, path: Path) -> str:
    """The key that signs sessions, created once; also if the file is empty, as after a broken
    copy."""
    file = path / KEY_FILE
    if not disk.exists(file) or not read_file(disk, file).strip():
        replace_file(disk, file, secrets.token_hex(32).encode() + b"\n")
        sync_folder(disk, path)
    return read_file(disk, file).decode().strip()
