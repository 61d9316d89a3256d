"""Proves that the events of a copy stand in the log of the chat, as its signed checkpoints say.

checkpoints of the chat ── follow from those that are known (known_checkpoints.py)
pages of 200 proofs ── agree with the copy's events, and lead to a known checkpoint's root
proven: up to which seq ── in the copy's state
"""

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TypeVar

import msgspec

from chatapp.client.errors import NotInLog
from chatapp.client.files.http import HttpSession
from chatapp.client.mirror.known_checkpoints import KnownCheckpoints
from chatapp.client.mirror.room_copy import RoomCopy
from chatapp.client.mirror.room_requests import (
    ask_for_checkpoints,
    ask_for_proofs,
    first_message,
)
from chatapp.domain.errors import NotFound, RateLimited
from chatapp.domain.model import Event
from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint
from chatapp.domain.transparency.event_proofs import (
    Unproven,
    check_events,
    require_reasons,
)
from chatapp.protocol.answers import CheckpointsPage, ProofsPage

T = TypeVar("T")

PAGE = 200


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: how many events are proven, up to which checkpoint; how many of them have
    something withheld, so that only their place is proven; how many `wait` for a checkpoint, and
    how many the chat has dropped. `new_keys` were not known before."""

    proven: int = 0
    withheld: int = 0
    waiting: int = 0
    dropped: int = 0
    checkpoint: SignedCheckpoint | None = None
    new_keys: list[PublishedKey] = []
    is_first_key: bool = False


class Verifier:
    """`wait(seconds)` waits where the server asks for patience."""

    def __init__(
        self,
        room: str,
        copy: RoomCopy,
        known: KnownCheckpoints,
        *,
        wait: Callable[[float], object],
    ) -> None:
        self._room = room
        self._copy = copy
        self._known = known
        self._wait = wait

    def verify(self, session: HttpSession, *, whole: bool = False) -> Proven:
        """Prove what is not proven yet, or with `whole` all of the copy once more. Raises NotInLog
        if something of it is not in the log, or the log was rewritten, and NotFound if the chat
        knows no checkpoints."""
        is_first_key = not self._known.keys
        new_keys = self._take_checkpoints(session, whole=whole)
        after = self._copy.first - 1 if whole else max(self._copy.proven, self._copy.first - 1)
        found = self._prove(session, after)
        return msgspec.structs.replace(
            found,
            checkpoint=self._known.newest,
            new_keys=new_keys,
            is_first_key=is_first_key,
        )

    def _take_checkpoints(self, session: HttpSession, *, whole: bool) -> list[PublishedKey]:
        """Those that are new; with `whole`, the chat must still have all that are known."""
        newest = self._known.newest
        begin = after = 0 if newest is None or whole else newest.last - 1
        told: list[SignedCheckpoint] = []
        new_keys: list[PublishedKey] = []
        more = True
        while more:
            page = self._checkpoints(session, after)
            new_keys += self._known.take_keys(page.keys)
            told += page.checkpoints
            more = page.more and page.checkpoints[-1].last > after
            after = page.checkpoints[-1].last if page.checkpoints else after
        self._known.require_all(told, begin)
        self._known.take(told)
        return new_keys

    def _checkpoints(self, session: HttpSession, after: int) -> CheckpointsPage:
        try:
            return self._patiently(lambda: ask_for_checkpoints(session, after))
        except NotFound:
            if self._known.keys:
                raise NotInLog("The chat has signed checkpoints, and lists them no more.") from None
            raise

    def _patiently(self, ask: Callable[[], T]) -> T:
        while True:
            try:
                return ask()
            except RateLimited as error:
                self._wait(error.retry_after or 1.0)

    def _prove(self, session: HttpSession, after: int) -> Proven:
        copy, proven, withheld, dropped = self._copy, 0, 0, 0
        events = copy.events(after)
        while after < copy.seq:
            try:
                page = self._patiently(partial(self._page, session, after))
            except NotFound:
                skipped = self._count_dropped(session, after)
                dropped += len(list(islice(events, skipped)))
                after += skipped
                continue
            if page.epoch != copy.epoch or page.checkpoint is None:
                break
            self._require_known(session, page.checkpoint)
            some = {each.seq: each for each in islice(events, len(page.proofs))}
            in_part = self._check(page, page.checkpoint, some)
            if in_part is None:
                break
            proven, withheld, after = proven + len(some), withheld + in_part, after + len(some)
            copy.prove(after)
        return Proven(proven=proven, withheld=withheld, waiting=copy.seq - after, dropped=dropped)

    def _page(self, session: HttpSession, after: int) -> ProofsPage:
        return ask_for_proofs(session, self._room, after, min(PAGE, self._copy.seq - after))

    def _check(
        self, page: ProofsPage, checkpoint: SignedCheckpoint, events: dict[int, Event]
    ) -> int | None:
        """How many of these events are proven only in part; None if the copy has to go on first:
        the chat knows of a deletion that it does not have yet."""
        if not events or [each.seq for each in page.proofs] != list(events):
            raise NotInLog("The chat's proofs are about other events than those of this copy.")
        try:
            check_events(checkpoint, page.proofs, page.nodes, events)
        except Unproven as why:
            raise NotInLog(f"This copy has what the chat's log does not have. {why}") from None
        deleted = self._copy.deleted
        try:
            return sum(require_reasons(events[each.seq], each, deleted) for each in page.proofs)
        except Unproven as why:
            if page.head > self._copy.seq:
                return None
            raise NotInLog(f"The chat does not prove all that this copy has. {why}") from None

    def _require_known(self, session: HttpSession, checkpoint: SignedCheckpoint) -> None:
        """A new one may be about records that are known from one that `retain` has cut."""
        if checkpoint not in self._known.all:
            self._take_checkpoints(session, whole=True)
        if checkpoint not in self._known.all:
            raise NotInLog(f"The chat does not list its checkpoint of {checkpoint.at}.")

    def _count_dropped(self, session: HttpSession, after: int) -> int:
        """How many events behind this one the chat does not have any more."""
        first = first_message(session, self._room)
        if first is not None and first <= after + 1:
            raise NotInLog(f"The chat has no event {after + 1} any more, and does not say why.")
        return (self._copy.seq if first is None else min(first - 1, self._copy.seq)) - after
