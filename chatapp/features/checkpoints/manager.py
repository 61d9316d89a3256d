"""Signs a checkpoint of the log every day, and when somebody asks.

The key is made when it is first needed. It and all checkpoints are rows of tables, so backups, a
move to a database and the other processes of a chat have them. The process with the lease signs.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.due_times import Later
from chatapp.domain.errors import ChatError, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.notes import Note
from chatapp.domain.rights import By, name_of, require_admin
from chatapp.log.signed_checkpoint import (
    CHECKPOINT_KEYS,
    CHECKPOINTS,
    CheckpointKey,
    SignedCheckpoint,
    Signing,
    checkpoint_key,
    key_id,
)
from chatapp.ports import Lease
from chatapp.tables.table import Conflict, TableStore
from chatapp.upkeep.processes import ProcessFailed
from chatapp.upkeep.signing import NewCheckpoints

EVERY = timedelta(days=1)
FIRST_AFTER_SECONDS = 600.0
"""The first look comes this long after a start, when the server is less busy."""
LOOK_SECONDS = 1800.0

logger = logging.getLogger(__name__)


class CheckpointManager:
    """`sign(asked)` may take a while, during which others run; raises ProcessFailed. `new_seed()`
    are 64 random hex digits. `later(seconds, step)` runs `step` in a greenlet of its own, where
    `wait(future)` waits."""

    def __init__(
        self,
        store: TableStore,
        *,
        sign: Callable[[Signing], NewCheckpoints],
        new_seed: Callable[[], str],
        lease: Lease,
        clock: Clock,
        later: Later,
        wait: Callable[[Future[Any]], Any],
        note: Note,
    ) -> None:
        self._table = store.table(CHECKPOINTS, SignedCheckpoint)
        self._keys = store.table(CHECKPOINT_KEYS, CheckpointKey)
        self._sign = sign
        self._new_seed = new_seed
        self._lease = lease
        self._clock = clock
        self._later = later
        self._wait = wait
        self._note = note
        self._is_signing = False

    @property
    def latest(self) -> SignedCheckpoint | None:
        """The one about the newest records."""
        return max(self._all(), key=lambda each: each.last, default=None)

    @property
    def key(self) -> CheckpointKey | None:
        """None until the first checkpoint is signed."""
        keys = [key for _, key in self._keys.items()]
        return min(keys, key=lambda key: (key.at, key.public), default=None)

    def sign_now(self, admin: By) -> SignedCheckpoint | None:
        """The newest of the new checkpoints; None if there is nothing new. Without an admin, it is
        the command line. Waits."""
        require_admin(admin)
        made = self._sign_new()
        if made is not None:
            self._note(name_of(admin), "checkpoint", last=made.last)
        return made

    def start(self) -> None:
        """Sign once a day from now on."""
        self._later(FIRST_AFTER_SECONDS, self._look)

    def _look(self) -> None:
        due = timestamp(self._clock() - EVERY)
        latest = self.latest
        if self._lease.is_held and (latest is None or latest.at <= due):
            try:
                self._sign_new()
            except (ChatError, Conflict) as error:
                logger.error("The log's checkpoint was not signed: %s", error)
        self._later(LOOK_SECONDS, self._look)

    def _sign_new(self) -> SignedCheckpoint | None:
        if self._is_signing:
            raise Unavailable("A checkpoint is being signed; try again in a moment.")
        self._is_signing = True
        try:
            return self._signed()
        except (ProcessFailed, OSError) as error:
            raise Unavailable(str(error)) from None
        finally:
            self._is_signing = False

    def _signed(self) -> SignedCheckpoint | None:
        at, key = timestamp(self._clock()), self.key
        seed = key.seed if key else self._new_seed()
        new = self._sign(Signing(at=at, seed=seed, earlier=self._all()))
        if not new.made:
            return None
        changes = [
            self._table.change(checkpoint_key(each), each, expected=None) for each in new.made
        ]
        if key is None:
            made = CheckpointKey(seed=seed, public=new.public, at=at)
            changes.append(self._keys.change(key_id(new.public), made, expected=None))
        self._wait(self._table.write(*changes))
        return new.made[-1]

    def _all(self) -> list[SignedCheckpoint]:
        rows = (checkpoint for _, checkpoint in self._table.items())
        return sorted(rows, key=lambda each: (each.last, each.first))
