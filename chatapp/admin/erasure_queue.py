"""The queue of erasures: a person's texts, one message, or what is old, while the chat runs.

Requests are stored until they are done, so a server that was stopped in between continues at its
next start. They are executed one after the other; a request that is already waiting is not added
again. Of several processes of a chat, the one that has the lease executes them.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_reason
from chatapp.domain.model import Person
from chatapp.domain.notes import Note
from chatapp.domain.rights import RETENTION, require_admin
from chatapp.log.errors import StorageError
from chatapp.ports import Lease
from chatapp.tables.table import TableStore
from chatapp.upkeep.erase import Erased, ErasureSelector, ForwardedCopy
from chatapp.upkeep.processes import ProcessFailed

TABLE = "erasures"
OLD = "old"
"""The key of the erasure of old messages: a later one has what an earlier one had."""
MAX_COPIES = 100
"""How many are kept of one erasure."""

logger = logging.getLogger(__name__)

Told = Callable[[int, int], None]
"""`told(lines, erased)` receives the progress."""


class Erasure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A request: what to erase, who asked for it, and the result."""

    wanted: ErasureSelector
    by: str
    asked_at: str
    state: Literal["waiting", "done", "failed"] = "waiting"
    erased: int = 0
    copies: list[ForwardedCopy] = []
    """Some of what others have forwarded, which stays."""
    ended_at: str | None = None
    problem: str | None = None

    @property
    def what(self) -> str:
        if self.wanted.up_to is not None:
            return f"old messages in {', '.join(self.wanted.up_to)}"
        if self.wanted.seq is not None:
            return f"message {self.wanted.seq} in {self.wanted.room}"
        return f"everything {self.wanted.sender} wrote"


class Progress(msgspec.Struct):
    """The progress of the erasure that is running."""

    key: str
    lines: int = 0
    erased: int = 0


class ErasureQueue:
    """`erase(wanted, when, told)` erases, and returns what came of it; `spawn(step)` runs
    `step` in a greenlet of its own. `check(wanted)` raises an error if something stands against it:
    a legal hold."""

    def __init__(
        self,
        store: TableStore,
        note: Note,
        *,
        erase: Callable[[ErasureSelector, str, Told], Erased],
        spawn: Callable[[Callable[[], None]], object],
        clock: Callable[[], datetime],
        lease: Lease,
        check: Callable[[ErasureSelector], None] = lambda _wanted: None,
    ) -> None:
        self._check = check
        self._table = store.table(TABLE, Erasure)
        self._note = note
        self._erase = erase
        self._spawn = spawn
        self._clock = clock
        self._lease = lease
        self._failed: set[tuple[str, str]] = set()
        """Failures of this process: on a full disk even the result cannot be stored; the next start
        retries."""
        self.progress: Progress | None = None
        self._table.on_followed(lambda _key, _old, _new: self._work())
        lease.on_taken(self._take_over)

    def start(self) -> None:
        """Continue with the requests that were not done when the server stopped."""
        self._work()

    def ask_for_person(
        self, admin: Person, name: str, *, confirm: str, reason: str
    ) -> Future[None]:
        """Request the erasure of everything that people with this name have written up to now."""
        if confirm != name:
            raise BadPayload("Type the name exactly, to erase everything they wrote.")
        return self._ask(admin, f"name:{name}", ErasureSelector(sender=name), reason)

    def ask_for_message(self, admin: Person, room: str, seq: int, reason: str) -> Future[None]:
        """Request the erasure of a message and its earlier versions."""
        return self._ask(
            admin, f"message:{room}:{seq}", ErasureSelector(room=room, seq=seq), reason
        )

    def ask_for_old(self, up_to: Mapping[str, int]) -> Future[None]:
        """Request the erasure of all messages up to a seq in each of these rooms, as the rules of
        retention say."""
        wanted = ErasureSelector(up_to=dict(up_to))
        return self._keep(OLD, wanted, RETENTION)

    @property
    def has_failed_on_old(self) -> bool:
        """Whether the last erasure of old messages has failed."""
        last = self._table.get(OLD)
        return last is not None and last.state == "failed"

    def all(self) -> list[tuple[str, Erasure]]:
        return sorted(self._table.items(), key=lambda one: one[1].asked_at, reverse=True)

    def _ask(self, admin: Person, key: str, wanted: ErasureSelector, reason: str) -> Future[None]:
        require_admin(admin)
        reason = checked_reason(reason)
        self._check(wanted)
        known = self._table.get(key)
        if self._lease.is_held and known is not None and self._waits(key, known):
            return Future.of(None)
        self._note(
            admin.name, "erase", name=wanted.sender, room=wanted.room, seq=wanted.seq, reason=reason
        )
        return self._keep(key, wanted, admin.name)

    def _keep(self, key: str, wanted: ErasureSelector, by: str) -> Future[None]:
        asked_at = timestamp(self._clock())
        kept = self._table.put(key, Erasure(wanted=wanted, by=by, asked_at=asked_at))
        return kept.then(lambda _: self._work())

    def _waits(self, key: str, erasure: Erasure) -> bool:
        """Whether the request has neither started nor ended, as far as this process can tell."""
        if erasure.state != "waiting" or (key, erasure.asked_at) in self._failed:
            return False
        return self.progress is None or self.progress.key != key

    def _take_over(self) -> None:
        """The database answers again, or another process has ended: what failed may work now."""
        self._failed.clear()
        self._work()

    def _work(self) -> None:
        if self.progress is not None or not self._lease.is_held:
            return
        waiting = [(key, one) for key, one in self.all() if self._waits(key, one)]
        if waiting:
            key, erasure = waiting[-1]
            self.progress = Progress(key)
            self._spawn(lambda: self._do(key, erasure))

    def _do(self, key: str, erasure: Erasure) -> None:
        progress = self.progress = Progress(key)

        def told(lines: int, erased: int) -> None:
            progress.lines, progress.erased = lines, erased

        ended: dict[str, object]
        try:
            self._check(erasure.wanted)
            erased = self._erase(erasure.wanted, timestamp(self._clock()), told)
            copies = erased.copies[:MAX_COPIES]
            ended = {"state": "done", "erased": erased.erased, "copies": copies}
            wanted = erasure.wanted
            self._note(
                erasure.by,
                "erased",
                texts=erased.erased,
                name=wanted.sender,
                room=wanted.room,
                seq=wanted.seq,
                old=", ".join(sorted(wanted.up_to)) if wanted.up_to else None,
            )
        except (ProcessFailed, ChatError, StorageError, OSError) as error:
            logger.error("Erasing %s failed: %s", erasure.what, error)
            self._failed.add((key, erasure.asked_at))
            ended = {"state": "failed", "problem": str(error)}
        if self._table.get(key) == erasure:
            ended_at = timestamp(self._clock())
            self._table.put(key, msgspec.structs.replace(erasure, ended_at=ended_at, **ended))
        self.progress = None
        self._work()
