"""What admins send by hand: a test, or an event once more. Each is one attempt, at once, whatever
the webhook waits for; nobody's answer is posted."""

from collections.abc import Callable
from typing import Any

import msgspec

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import NotAllowed, NotFound, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.rights import By, require_admin
from chatapp.features.outgoing_webhooks.attempts import AttemptOutcome, Attempts
from chatapp.features.outgoing_webhooks.deliveries import Delivery, DeliveryLog
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks
from chatapp.features.outgoing_webhooks.payloads import TEST, Payloads
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook
from chatapp.features.outgoing_webhooks.sending_rights import Obstacle

TEST_ID_BYTES = 16
TEST_TEXT = "This is a test. What happens in the chat comes in the same form."


class SentByHand:
    """`obstacle(webhook, room)`: why a webhook may not send what happens in a room, or a test."""

    def __init__(
        self,
        webhooks: OutgoingWebhooks,
        payloads: Payloads,
        attempts: Attempts,
        deliveries: DeliveryLog,
        *,
        obstacle: Callable[[OutgoingWebhook, str | None], Obstacle | None],
        randomness: Callable[[int], bytes],
        clock: Clock,
    ) -> None:
        self._webhooks = webhooks
        self._payloads = payloads
        self._attempts = attempts
        self._deliveries = deliveries
        self._obstacle = obstacle
        self._randomness = randomness
        self._clock = clock

    def test(self, admin: By, id: str) -> Future[Delivery]:
        """Send something that did not happen."""
        require_admin(admin)
        webhook = self._webhooks.find(id)
        self._require(webhook, None)
        body: dict[str, Any] = {
            "type": TEST,
            "timestamp": timestamp(self._clock()),
            "data": {"webhook": webhook.title, "text": TEST_TEXT},
        }
        message_id = f"msg_{self._randomness(TEST_ID_BYTES).hex()}"
        planned = Delivery(at="", type=TEST, id=message_id, by_hand=True)
        self._webhooks.tell(admin, webhook, "tested")
        return self._send(id, msgspec.json.encode(body), planned)

    def again(self, admin: By, id: str, sent: str) -> Future[Delivery]:
        """Send the event with the webhook-id `sent` again, as it can be read now."""
        require_admin(admin)
        webhook, before = self._webhooks.find(id), self._deliveries.find(id, sent)
        found = self._payloads.of(before.n) if before else None
        if before is None or found is None or not self._webhooks.wants(webhook, found[0]):
            raise NotFound("This event cannot be sent any more.")
        self._require(webhook, before.room)
        planned = Delivery(
            at="",
            type=before.type,
            id=before.id,
            n=before.n,
            room=before.room,
            seq=before.seq,
            attempt=before.attempt + 1,
            by_hand=True,
        )
        self._webhooks.tell(admin, webhook, "sent")
        return self._send(id, found[1], planned)

    def _require(self, webhook: OutgoingWebhook, room: str | None) -> None:
        if obstacle := self._obstacle(webhook, room):
            raise NotAllowed(obstacle.problem)

    def _send(self, id: str, body: bytes, planned: Delivery) -> Future[Delivery]:
        def settle(outcomes: list[AttemptOutcome]) -> Delivery:
            (outcome,) = outcomes
            if outcome.is_ours:
                raise Unavailable("Too many calls wait. Try again in a moment.")
            if id in self._webhooks.rows.table:
                self._deliveries.add(id, [outcome.delivery])
            return outcome.delivery

        return self._attempts.make(self._webhooks.find(id), [(planned, body)]).then(settle)
