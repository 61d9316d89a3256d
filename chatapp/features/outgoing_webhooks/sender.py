"""Sends what is in the log to the webhooks: at least once and in order, by the process with the
lease.

    log ── behind the place of a webhook ── POST ── 2xx ── the place moves on
                                              └──── else: the same event again, later

The log is the queue. Of each webhook only its place in the log is kept, so memory does not grow
with what waits, and nothing is lost by a crash: what was sent since the place was last written is
sent again, with the same webhook-id. A webhook's events are sent one after the other; a few are
handed over together, because that costs the people in the chat less. One that fails holds up those
behind it, which keep their order, and no other webhook. After a day, the webhook is switched off,
and the admins are told.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.due_times import DueTimes, Later
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import Event
from chatapp.features.outgoing_webhooks.answers import AnswerPoster
from chatapp.features.outgoing_webhooks.attempts import AttemptOutcome, Attempts
from chatapp.features.outgoing_webhooks.deliveries import Delivery, DeliveryLog
from chatapp.features.outgoing_webhooks.payloads import Payloads, name_of_event, webhook_id
from chatapp.features.outgoing_webhooks.retries import next_try
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, WebhookPlace, WebhookRows
from chatapp.features.outgoing_webhooks.sending_rights import Obstacle
from chatapp.ports import Lease

SCANNED_AT_ONCE = 100
"""Records that are looked at before others have a turn."""
WAKE_SECONDS = 0.02
"""From the first event of a quiet chat until it is looked at."""
GATHERED_SECONDS = 0.1
"""Between two looks at a busy chat: what comes meanwhile is handed over together."""
HANDED_TOGETHER = 10
"""Events of a webhook."""
HANDED_A_TURN = 20
"""Events of all webhooks, before others have a turn."""
KEEP_SECONDS = 2.0
"""Between two writes of how far the webhooks are."""
KEEP_RECORDS = 10_000
"""After so many that no webhook wanted, its place is written, too."""
BUSY_SECONDS = 1.0
AGAIN_SECONDS = 10.0
"""After something failed that has nothing to do with the receiver."""

logger = logging.getLogger(__name__)


class FollowedLog(Protocol):
    """What sending needs of the message log."""

    def following(self, n: int, *, limit: int) -> list[tuple[int, Event]]: ...


@dataclass(slots=True)
class Line:
    """A webhook's way through the log: the records up to `scanned` are in `ready`, or unwanted. The
    first ones of `ready` may be on their way."""

    place: WebhookPlace
    scanned: int
    ready: deque[int] = field(default_factory=deque)
    is_sending: bool = False
    is_held_up: bool = False
    """By something that has nothing to do with the receiver."""


class WebhookSender:
    """`wants(webhook, event)` says whether a webhook gets an event now; `obstacle(webhook,
    room)`, why it may not send what happens in a room. `tip()` is the number of the log's
    last record. `switch_off(id, why, problem)` ends it and tells the admins. `share()` is a random
    number from 0 to 1. `later(seconds, step)` runs `step` on the event loop's thread."""

    def __init__(
        self,
        rows: WebhookRows,
        log: FollowedLog,
        *,
        payloads: Payloads,
        attempts: Attempts,
        answers: AnswerPoster,
        deliveries: DeliveryLog,
        wants: Callable[[OutgoingWebhook, Event], bool],
        obstacle: Callable[[OutgoingWebhook, str], Obstacle | None],
        tip: Callable[[], int],
        switch_off: Callable[[str, str, str], object],
        share: Callable[[], float],
        lease: Lease,
        later: Later,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._log = log
        self._payloads = payloads
        self._attempts = attempts
        self._answers = answers
        self._deliveries = deliveries
        self._wants = wants
        self._obstacle = obstacle
        self._tip = tip
        self._switch_off = switch_off
        self._share = share
        self._lease = lease
        self._later = later
        self._clock = clock
        self._due = DueTimes(self._ring, clock=clock, later=later, is_on=lambda: lease.is_held)
        self._lines: dict[str, Line] = {}
        self._kept: dict[str, WebhookPlace] = {}
        """The places as they were written last."""
        self._is_keeping = self._is_awake = self._has_news = self._is_turning = False
        self._waiting: dict[str, None] = {}
        """Webhooks that may have something to send, in the order in which it is their turn."""
        self._found: dict[int, list[tuple[int, Event]]] = {}
        """What follows on a number, for other webhooks in the same turn."""

    def start(self) -> None:
        """Send what waits, and from now on what comes."""
        self._rows.table.on_change(self._changed)
        self._lease.on_taken(self._take_over)
        self._take_over()

    def hear(self, _event: Event, _origin: str | None) -> None:
        """A subscriber of the feed."""
        if self._lines and self._lease.is_held:
            self._look_soon()

    def flush(self) -> None:
        """Write how far the webhooks are."""
        if self._lease.is_held:
            moved = {id: line.place for id, line in self._lines.items() if self._has_moved(id)}
            self._write(moved)

    def _take_over(self) -> None:
        """Another process may have been at it, and be gone."""
        self._lines.clear()
        self._kept = dict(self._rows.places.items())
        for id, webhook in self._rows.table.items():
            self._begin(id, webhook)

    def _changed(self, id: str, _old: OutgoingWebhook | None, new: OutgoingWebhook | None) -> None:
        line = self._lines.get(id)
        if new is None:
            self._lines.pop(id, None)
            self._kept.pop(id, None)
            self._due.set(id, None)
        elif line is None or line.place.serial != new.start.serial:
            self._begin(id, new)
        else:
            self._take_turns(id)

    def _begin(self, id: str, webhook: OutgoingWebhook) -> None:
        """From where it was, or from where an admin says."""
        known = self._lines[id].place if id in self._lines else self._rows.places.get(id)
        start = webhook.start
        if known is None or known.serial != start.serial:
            before = known.n if known else self._tip()
            known = WebhookPlace(serial=start.serial, n=before if start.n is None else start.n)
        known = replace(known, n=min(known.n, self._tip()))  # a repaired log is shorter
        self._lines[id] = Line(known, known.n)
        self._due.set(id, None)
        self._keep_soon()
        self._take_turns(id)

    # Finding

    def _look_soon(self) -> None:
        self._has_news = True
        if not self._is_awake:
            self._is_awake = True
            self._later(WAKE_SECONDS, self._look)

    def _look(self) -> None:
        self._is_awake = self._has_news
        if self._has_news:
            self._has_news = False
            self._take_turns(*self._lines)
            self._later(GATHERED_SECONDS, self._look)

    def _take_turns(self, *ids: str) -> None:
        self._waiting |= dict.fromkeys(ids)
        if not self._is_turning:
            self._is_turning = True
            self._later(0, self._turn)

    def _turn(self) -> None:
        handed = 0
        try:
            while self._waiting and handed < HANDED_A_TURN:
                id = next(iter(self._waiting))
                del self._waiting[id]
                handed += self._go(id)
        finally:
            self._found.clear()
            self._is_turning = bool(self._waiting)
            if self._is_turning:
                self._later(0, self._turn)

    def _ring(self, id: str, _at: str) -> None:
        self._take_turns(id)

    def _go(self, id: str) -> int:
        """Hand over the next events of a webhook, if it is on, and does not wait for a retry. The
        number of them."""
        line, webhook = self._lines.get(id), self._rows.table.get(id)
        if line is None or webhook is None or line.is_sending or line.is_held_up:
            return 0
        if not webhook.is_on or not self._lease.is_held:
            return 0
        if line.place.next_at and line.place.next_at > timestamp(self._clock()):
            self._due.set(id, line.place.next_at)
            return 0
        try:
            if not line.ready:
                self._scan(id, webhook, line)
            following = self._next_events(id, webhook, line)
        except ChatError as error:
            logger.warning("A webhook waits: %s", error)
            self._hold_up(id, line, AGAIN_SECONDS)
            return 0
        if following:
            self._send(id, webhook, line, following)
        return len(following)

    def _hold_up(self, id: str, line: Line, seconds: float) -> None:
        def go_on() -> None:
            line.is_held_up = False
            self._take_turns(id)

        line.is_held_up = True
        self._later(seconds, go_on)

    def _next_events(
        self, id: str, webhook: OutgoingWebhook, line: Line
    ) -> list[tuple[int, Event, bytes]]:
        """The numbers, events and bodies that are sent next, all for the first time, or one."""
        most = 1 if line.place.failing or webhook.replies_as else HANDED_TOGETHER
        following: list[tuple[int, Event, bytes]] = []
        while len(following) < min(most, len(line.ready)):
            n = line.ready[len(following)]
            found = self._payloads.of(n)
            if found is None or not self._wants(webhook, found[0]):
                del line.ready[len(following)]  # nobody may read it any more
                if not following:
                    line.place = WebhookPlace(serial=line.place.serial, n=n)
            elif obstacle := self._obstacle(webhook, found[0].room):
                if not following:
                    self._hold_up(id, line, AGAIN_SECONDS)
                    self._switch_off(id, obstacle.why, obstacle.problem)
                break
            else:
                following.append((n, *found))
        return following

    def _scan(self, id: str, webhook: OutgoingWebhook, line: Line) -> None:
        if line.scanned >= self._tip():
            return
        found = self._following(line.scanned)
        line.ready += [n for n, event in found if self._wants(webhook, event)]
        line.scanned = found[-1][0] if found else line.scanned
        if not line.ready and line.scanned > line.place.n:
            line.place = replace(line.place, n=line.scanned)
            if line.scanned - self._kept.get(id, line.place).n >= KEEP_RECORDS:
                self._keep_soon()
        if not line.ready and len(found) == SCANNED_AT_ONCE:
            self._later(WAKE_SECONDS, partial(self._take_turns, id))

    def _following(self, n: int) -> list[tuple[int, Event]]:
        if n not in self._found:
            self._found[n] = self._log.following(n, limit=SCANNED_AT_ONCE)
        return self._found[n]

    # Sending

    def _send(
        self,
        id: str,
        webhook: OutgoingWebhook,
        line: Line,
        following: list[tuple[int, Event, bytes]],
    ) -> None:
        line.is_sending = True
        planned = [
            (
                Delivery(
                    at="",
                    type=name_of_event(event) or "",
                    id=webhook_id(id, event),
                    n=n,
                    room=event.room,
                    seq=event.seq,
                    attempt=line.place.attempts + 1 if line.place.failing == n else 1,
                ),
                body,
            )
            for n, event, body in following
        ]
        made = self._attempts.make(webhook, planned)
        event = following[0][1]
        made.add_done_callback(lambda done: self._answered(id, webhook, line, event, done.result()))

    def _answered(
        self,
        id: str,
        webhook: OutgoingWebhook,
        line: Line,
        event: Event,
        outcomes: list[AttemptOutcome],
    ) -> None:
        """`event` is the first one; where answers are posted, the only one."""
        first = outcomes[0]
        if first.is_ours:
            line.is_sending = False
            self._hold_up(id, line, BUSY_SECONDS)
        elif webhook.replies_as is None or first.delivery.problem:
            self._conclude(id, line, outcomes)
        else:
            posted = self._answers.post(webhook, event, first.delivery.id, first.answer)
            posted.add_done_callback(
                lambda done: self._conclude(id, line, [first.with_reply(_told(done))])
            )

    def _conclude(self, id: str, line: Line, outcomes: list[AttemptOutcome]) -> None:
        line.is_sending = False
        if id in self._rows.table:
            self._deliveries.add(id, [one.delivery for one in outcomes])
        if self._lines.get(id) is not line:
            return  # an admin has made it begin elsewhere
        for outcome in outcomes:
            delivery = outcome.delivery
            if delivery.problem:
                self._failed(id, line, outcome)
            else:
                line.place = WebhookPlace(serial=line.place.serial, n=delivery.n)
                if line.ready and line.ready[0] == delivery.n:
                    line.ready.popleft()
        self._keep_soon()
        self._go_on(id, line)

    def _go_on(self, id: str, line: Line) -> None:
        """What came meanwhile waits for the next look, with what comes until then."""
        behind = self._tip() - line.scanned
        if line.ready or line.place.failing or behind >= SCANNED_AT_ONCE:
            self._take_turns(id)
        elif behind > 0:
            self._look_soon()

    def _failed(self, id: str, line: Line, outcome: AttemptOutcome) -> None:
        delivery, now = outcome.delivery, self._clock()
        first = line.place.first_at if line.place.failing == delivery.n else delivery.at
        again = next_try(
            delivery.attempt,
            datetime.fromisoformat(first),
            now,
            share=self._share(),
            retry_after=outcome.retry_after,
        )
        line.place = replace(
            line.place,
            failing=delivery.n,
            attempts=delivery.attempt,
            first_at=first,
            next_at=timestamp(again or now + timedelta(seconds=AGAIN_SECONDS)),
            problem=delivery.problem,
        )
        if outcome.is_gone:
            self._switch_off(id, "gone", delivery.problem)
        elif again is None:
            self._switch_off(id, "failed", delivery.problem)

    # Keeping

    def _keep_soon(self) -> None:
        if not self._is_keeping:
            self._is_keeping = True
            self._later(KEEP_SECONDS, self._keep)

    def _keep(self) -> None:
        self._is_keeping = False
        self.flush()

    def _has_moved(self, id: str) -> bool:
        return self._kept.get(id) != self._lines[id].place

    def _write(self, moved: dict[str, WebhookPlace]) -> None:
        def written(done: Future[None]) -> None:
            if done.error is None:
                self._kept |= moved
            else:
                logger.warning("How far webhooks are is written later: %s", done.error)

        if moved:
            self._rows.keep_places(moved).add_done_callback(written)


def _told(posted: Future[str]) -> str:
    """What became of an answer's text. An error that nobody expected is no reason to send again."""
    if posted.error is not None:
        logger.error("An answer was not posted: %r", posted.error)
        return "The answer could not be posted."
    return posted.result()
