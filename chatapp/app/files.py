"""Creates the parts of files, and what they do by themselves."""

import logging
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import gevent

from chatapp.app.infrastructure import Infrastructure
from chatapp.domain import clock
from chatapp.domain.errors import ChatError
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.copying import FileCopies
from chatapp.features.files.limits import FileLimits
from chatapp.features.files.manager import FileManager, FindRoom
from chatapp.features.files.model import ID_BYTES, TABLE, StoredFile
from chatapp.features.settings.manager import SettingsManager
from chatapp.log.errors import StorageError
from chatapp.ports import RateLimits
from chatapp.web.threads import ThreadsOfFiles
from chatapp.web.waiting import wait

NEW_FILES = Rate(burst=100, per_second=0.5)
"""How many files a person can send; an address, as many as three people."""
PEOPLE_AN_ADDRESS = 3
EXPIRE_SECONDS = 3600.0
"""How often files that nobody has attached are looked for."""
AGAIN_SECONDS = 2.0
"""After the index could not be asked, for example because the server has just started."""
PAGE = 200

logger = logging.getLogger(__name__)


def make_attachments(infrastructure: Infrastructure) -> FileAttachments:
    table = infrastructure.directory.table(TABLE, StoredFile)
    attachments = FileAttachments(table, infrastructure.log.message)
    infrastructure.log.feed.subscribe(attachments.hear)
    return attachments


def make_files(
    infrastructure: Infrastructure,
    attachments: FileAttachments,
    settings: SettingsManager,
    rooms: FindRoom,
    limits: RateLimits,
    *,
    is_scheduled: Callable[[str], bool],
    is_held: Callable[[str], bool],
) -> tuple[FileManager, FileCopies]:
    """From here on, files that nobody attaches go after a day."""
    config = infrastructure.config
    is_limited = config.message_rate is not None
    table = infrastructure.directory.table(TABLE, StoredFile)
    pace = PersonPace(
        NEW_FILES if is_limited else None,
        "files",
        people=PEOPLE_AN_ADDRESS,
        limiter=limits.limiter,
    )
    file_limits = FileLimits(
        table,
        lambda: settings.now,
        folder=uploads(config.data),
        free_bytes=infrastructure.blobs.free_bytes,
    )
    manager = FileManager(
        table,
        attachments,
        file_limits,
        infrastructure.blobs,
        infrastructure.pictures,
        folder=uploads(config.data),
        threads=ThreadsOfFiles(),
        rooms=rooms,
        message=infrastructure.log.message,
        clock=clock.now,
        new_id=_new_id,
        pace=pace,
        is_scheduled=is_scheduled,
        is_held=is_held,
    )
    manager.adopt_leftovers()
    upkeep = FileUpkeep(infrastructure, manager, attachments)
    gevent.spawn(upkeep.run)
    copies = FileCopies(
        table, file_limits, release=manager.release, clock=clock.now, new_id=_new_id, pace=pace
    )
    return manager, copies


class FileUpkeep:
    """What one process of a chat does: rows follow the log, and what is too old goes."""

    def __init__(
        self, infrastructure: Infrastructure, manager: FileManager, attachments: FileAttachments
    ) -> None:
        self._log = infrastructure.log
        self._lease = infrastructure.nodes.lease
        self._manager = manager
        self._attachments = attachments
        self._lease.on_taken(self._recover_later)

    def run(self) -> None:
        while True:
            seconds = EXPIRE_SECONDS
            if self._lease.is_held:
                if self.recover():
                    self._manager.expire()
                else:
                    seconds = AGAIN_SECONDS
            gevent.sleep(seconds)

    def _recover_later(self) -> None:
        gevent.spawn(self.recover)

    def recover(self) -> bool:
        """Find the messages of files whose rows know none: a crash can come before the row.
        Returns whether that was possible."""
        waiting = self._manager.unattached()
        if not waiting:
            return True
        since = datetime.fromisoformat(min(file.created_at for file in waiting.values()))
        try:
            self._attachments.recover(
                found for found in self._attached_since(since) if found[0] in waiting
            )
        except (ChatError, StorageError) as error:
            logger.warning("Files cannot be compared with the log now: %s", error)
            return False
        return True

    def _attached_since(self, since: datetime) -> Iterator[tuple[str, str, int]]:
        """The id of each file, and the room and seq of its message."""
        before: int | None = None
        while True:
            page = wait(self._log.find(since=since, before=before, limit=PAGE))
            for logged in page:
                for file in logged.record.files or ():
                    yield file.id, logged.record.room, logged.record.seq
            if len(page) < PAGE:
                return
            before = page[-1].n


def _new_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)


def uploads(data: Path) -> Path:
    """Where bytes come to."""
    folder = data / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
