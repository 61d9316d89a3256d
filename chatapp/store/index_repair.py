"""Rebuilds a damaged index while the log is in use.

    owner's thread            index worker's thread              a process (remake.py)
    a question failed ──────▶ is it damaged?
    no more questions         waits ◀──────────────────────────▶ index.sqlite3-again, from the log
    closes its connection ──▶ closes its own; the new file replaces the old one
    opens it again ◀───────── opens it
    lets it index newer events

All connections to the old file are closed before the new one gets its name: on closing, SQLite
removes the files beside a database by name.
"""

import logging
import math
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, cast

import msgspec

from chatapp.domain.future import Future
from chatapp.index import parts
from chatapp.index.schema import agrees, connect, remove_index, shows_damage
from chatapp.index.worker import IndexWorker
from chatapp.log.errors import StorageError
from chatapp.log.recovery import Checkpoint

AGAIN_SECONDS = 60.0
"""Minimum time between two attempts."""

logger = logging.getLogger(__name__)


class IndexMending:
    """All methods are for the owner's thread, except those marked as the worker's."""

    def __init__(
        self,
        folder: Path,
        index: Path,
        worker: IndexWorker,
        *,
        close_index: Callable[[], None],
        open_index: Callable[[], None],
    ) -> None:
        """`close_index()` closes the owner's connections to the index, `open_index()` opens them
        again."""
        self.is_under_way = False
        self._folder = folder
        self._index = index
        self._again = index.with_name(f"{index.name}-again")
        self._worker = worker
        self._close_index = close_index
        self._open_index = open_index
        self._not_before = -math.inf
        self._process: Popen[bytes] | None = None
        self._is_stopped = False
        remove_index(self._again)  # from an attempt that the server's stop interrupted

    def begin(self, until: Checkpoint) -> None:
        """Rebuild the index if it is damaged. The new one contains the log at least up to this
        mark."""
        if self.is_under_way or self._is_stopped or time.monotonic() < self._not_before:
            return
        self.is_under_way = True
        self._not_before = time.monotonic() + AGAIN_SECONDS
        self._worker.between(partial(self._remade, until)).add_done_callback(self._when_remade)

    def stop(self) -> None:
        """The server stops: abandon a rebuild."""
        self._is_stopped = True
        if self._process:
            self._process.kill()

    def _remade(self, until: Checkpoint) -> bool:
        """Called by the worker. Returns whether there is a new index."""
        if not is_damaged(self._index):
            return False
        logger.warning(
            "%s is damaged, and made anew; until then, search is unavailable", self._index.name
        )
        command = [sys.executable, "-m", "chatapp.index.remake"]
        with Popen(  # noqa: S603 - no user input in this command
            [*command, str(self._folder), str(self._again)],
            stdin=PIPE,
            stdout=PIPE,
            process_group=0,
        ) as process:
            self._process = process
            if self._is_stopped:
                process.kill()
            said = _said_of(process, until)
        self._process = None
        if process.returncode != 0:
            raise StorageError(said or f"its process ended with {process.returncode}")
        return True

    def _when_remade(self, asked: Future[bool]) -> None:
        if self._is_stopped:
            return
        try:
            is_remade = asked.result()
        except (StorageError, OSError) as error:
            logger.error("%s cannot be made anew: %s", self._index.name, error)
            is_remade = False
        if is_remade:
            self._close_index()
            self._worker.between(self._put_in_place).add_done_callback(self._when_in_place)
        else:
            self.is_under_way = False

    def _put_in_place(self) -> None:
        """Called by the worker."""
        self._worker.reader.close_index()
        self._worker.indexing.close_index()
        remove_index(self._index)
        self._again.rename(self._index)
        self._worker.indexing.open_index(self._index)
        self._worker.reader.open_index(self._index)

    def _when_in_place(self, asked: Future[None]) -> None:
        if self._is_stopped:
            return
        try:
            asked.result()
            self._open_index()
        except (sqlite3.Error, StorageError, OSError) as error:
            logger.error("%s cannot be made anew: %s", self._index.name, error)
        else:
            logger.warning("%s is made anew, and search works again", self._index.name)
        self.is_under_way = False


def is_damaged(index: Path) -> bool:
    """Whether SQLite or FTS5 finds damage, on a separate connection."""
    if not index.exists():
        return True
    try:
        with closing(connect(index)) as db:
            if not agrees(db):
                return True
            for first in parts.parts(db):
                parts.check_part(db, first)
    except sqlite3.DatabaseError as error:
        return shows_damage(error)
    return False


def _said_of(process: "Popen[bytes]", until: Checkpoint) -> str:
    """The error that the process reported before it ended. It also ends if its input does."""
    asking, telling = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    asking.write(msgspec.json.encode(until) + b"\n")
    asking.flush()
    said = telling.read()
    process.wait()
    return str(msgspec.json.decode(said)["error"]) if said else ""
