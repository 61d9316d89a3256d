"""Signs a checkpoint of the log every day, and when somebody asks.

The key is made when it is first needed, and the next one when somebody asks. Keys and all
checkpoints are rows of tables, so backups, a move to a database and the other processes of a chat
have them. The process with the lease signs.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.due_times import Later
from chatapp.domain.errors import ChatError, NotFound, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.notes import Note
from chatapp.domain.rights import By, name_of, require_admin
from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint, key_id
from chatapp.features.checkpoints.rows import CheckpointRows
from chatapp.log.signed_checkpoint import CheckpointKey, KeyRotation, Signing, checkpoint_key
from chatapp.ports import Lease
from chatapp.tables.table import Change, Conflict, TableStore
from chatapp.upkeep.processes import ProcessFailed
from chatapp.upkeep.signing import NewCheckpoints

EVERY = timedelta(days=1)
FIRST_AFTER_SECONDS = 600.0
"""The first look comes this long after a start, when the server is less busy."""
LOOK_SECONDS = 1800.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


class CheckpointManager:
    """`sign(asked)` may take a while, during which others run; raises ProcessFailed. So does
    `rotate(asked)`, which makes the next key. `new_seed()` are 64 random hex digits.
    `later(seconds, step)` runs `step` in a greenlet of its own, where `wait(future)` waits."""

    def __init__(
        self,
        store: TableStore,
        *,
        sign: Callable[[Signing], NewCheckpoints],
        rotate: Callable[[KeyRotation], CheckpointKey],
        new_seed: Callable[[], str],
        lease: Lease,
        clock: Clock,
        later: Later,
        wait: Callable[[Future[Any]], Any],
        note: Note,
    ) -> None:
        self._rows = CheckpointRows(store)
        self._store = store
        self._sign = sign
        self._rotate = rotate
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
        return self._rows.latest

    @property
    def key(self) -> CheckpointKey | None:
        """The one that signs; None until the first checkpoint is signed."""
        return self._rows.key

    @property
    def keys(self) -> list[PublishedKey]:
        """Those that sign and have signed, the first one first."""
        return self._rows.keys

    def sign_now(self, admin: By) -> SignedCheckpoint | None:
        """The newest of the new checkpoints; None if there is nothing new. Without an admin, it is
        the command line. Waits."""
        require_admin(admin)
        made = self._sign_new()
        if made is not None:
            self._note(name_of(admin), "checkpoint", last=made.last)
        return made

    def rotate_key(self, admin: By) -> CheckpointKey:
        """Sign with another key from now on, which the one until now has signed; its private half
        leaves the table. The new key. Waits. Without an admin, it is the command line."""
        require_admin(admin)
        made = self._alone(self._rotated)
        self._note(name_of(admin), "rotate-key", signer=key_id(made.public))
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
            except ChatError as error:
                logger.error("The log's checkpoint was not signed: %s", error)
        self._later(LOOK_SECONDS, self._look)

    def _sign_new(self) -> SignedCheckpoint | None:
        return self._alone(self._signed)

    def _alone(self, step: Callable[[], T]) -> T:
        if self._is_signing:
            raise Unavailable("A checkpoint is being signed; try again in a moment.")
        self._is_signing = True
        try:
            return step()
        except (ProcessFailed, OSError) as error:
            raise Unavailable(str(error)) from None
        except Conflict:
            raise Unavailable("Another server has just signed; try again in a moment.") from None
        finally:
            self._is_signing = False

    def _rotated(self) -> CheckpointKey:
        key = self.key
        if key is None:
            raise NotFound("There is no key yet: the first checkpoint makes it.")
        at = max(timestamp(self._clock()), key.at, self.latest.at if self.latest else "")
        new = self._rotate(KeyRotation(at=at, old=key.seed, new=self._new_seed()))
        table = self._rows.key_table
        self._wait(
            self._store.write(
                table.change(key_id(key.public), replace(key, seed="", until=at), expected=key),
                table.change(key_id(new.public), new, expected=None),
            )
        )
        return new

    def _signed(self) -> SignedCheckpoint | None:
        at, key = timestamp(self._clock()), self.key
        seed = key.seed if key else self._new_seed()
        salt_key = self._new_seed()
        new = self._sign(Signing(at=at, seed=seed, salt_key=salt_key, earlier=self._rows.all))
        if not new.made:
            return None
        changes: list[Change] = []
        for made in new.made:
            row = checkpoint_key(made.checkpoint)
            changes += [
                self._rows.table.change(row, made.checkpoint, expected=None),
                self._rows.tree_table.change(row, made.tree),
            ]
        if key is None:
            first = CheckpointKey(seed=seed, public=new.public, at=at)
            changes.append(self._rows.key_table.change(key_id(new.public), first, expected=None))
        self._wait(self._store.write(*changes))
        return new.made[-1].checkpoint
