"""Attempts: signed POSTs through `outbound/`, and what came of them."""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import msgspec
from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.future import Future
from chatapp.domain.visible import visible
from chatapp.features.outgoing_webhooks.deliveries import ANSWER_CHARACTERS, Delivery
from chatapp.features.outgoing_webhooks.retries import retry_after
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook
from chatapp.features.outgoing_webhooks.signing import SealedSecrets, headers
from chatapp.outbound.calls import (
    AnswersInTurn,
    Call,
    CallsInTurn,
    Failure,
    OutboundError,
    Reply,
)

SECONDS = 15.0
TOGETHER_SECONDS = 1.0
"""So long, events that were given to the process that calls may be under way one after the other;
afterwards, what may be sent is decided again."""
MAX_ANSWER_BYTES = 64 * 1024
SHOWN_BYTES = 4 * ANSWER_CHARACTERS
"""As much of an answer as is shown."""
JSON = {"Content-Type": "application/json"}
PORTS = (80, 443, 8080, 8443)
"""Of hosts on the internet; a webhook is no way to talk to mail servers."""

CallInTurn = Callable[[CallsInTurn], Future[AnswersInTurn]]


class AttemptOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an attempt. `problem` is empty if the receiver took the event. `is_ours`: it was
    not even called, because this server was too busy."""

    delivery: Delivery
    answer: Reply | None = None
    retry_after: float | None = None
    is_ours: bool = False

    def with_reply(self, reply: str) -> "AttemptOutcome":
        """With what became of the answer's text."""
        return replace(self, delivery=replace(self.delivery, reply=reply))

    @property
    def is_gone(self) -> bool:
        return self.delivery.status == HTTPStatus.GONE


class Attempts:
    """`allowed()` are hosts that may be called although they are not on the internet."""

    def __init__(
        self,
        call_in_turn: CallInTurn,
        secrets: SealedSecrets,
        *,
        allowed: Callable[[], frozenset[str]],
        clock: Clock,
        seconds: float = SECONDS,
    ) -> None:
        self._call_in_turn = call_in_turn
        self._secrets = secrets
        self._allowed = allowed
        self._clock = clock
        self._seconds = seconds

    def make(
        self, webhook: OutgoingWebhook, planned: Sequence[tuple[Delivery, bytes]]
    ) -> Future[list[AttemptOutcome]]:
        """Send bodies, one after the other, up to the first that is not taken, or for about
        `TOGETHER_SECONDS`. The outcomes have what was planned, with what came of it."""
        now = self._clock()
        at, keys = timestamp(now), self._secrets.keys_at(webhook, timestamp(now))
        max_bytes = MAX_ANSWER_BYTES if webhook.replies_as else SHOWN_BYTES
        allowed, seconds = self._allowed(), int(now.timestamp())
        calls = [
            Call(
                url=webhook.url,
                method="POST",
                headers=headers(keys, delivery.id, seconds, body) | JSON,
                body=body,
                seconds=self._seconds,
                max_bytes=max_bytes + 1,
                cut=True,
                ports=PORTS,
                allowed=allowed,
            )
            for delivery, body in planned
        ]
        outcome: Future[list[AttemptOutcome]] = Future()

        def settle(called: Future[AnswersInTurn]) -> None:
            if called.error is not None:
                delivery, _ = planned[0]
                outcome.resolve([self._not_made(replace(delivery, at=at), called.error)])
                return
            answers = called.result().answers
            outcome.resolve(
                [
                    self._outcome(replace(delivery, at=at, milliseconds=took), answer)
                    for (delivery, _), (took, answer) in zip(planned, answers, strict=False)
                ]
            )

        wanted = CallsInTurn(calls=calls, seconds=TOGETHER_SECONDS)
        self._call_in_turn(wanted).add_done_callback(settle)
        return outcome

    def _not_made(self, planned: Delivery, error: Exception) -> AttemptOutcome:
        if not isinstance(error, OutboundError):
            raise error
        failed = replace(planned, problem=str(error))
        return AttemptOutcome(delivery=failed, is_ours=error.reason == "busy")

    def _outcome(self, made: Delivery, answer: Reply | Failure) -> AttemptOutcome:
        if isinstance(answer, Failure):
            return AttemptOutcome(delivery=replace(made, problem=answer.message))
        answered = replace(
            made,
            status=answer.status,
            answer=beginning(answer.body),
            problem="" if 200 <= answer.status < 300 else f"It answers with {answer.status}.",
        )
        asked = answer.headers.get("retry-after")
        return AttemptOutcome(
            delivery=answered,
            answer=answer,
            retry_after=retry_after(asked, self._clock()) if asked else None,
        )


def beginning(body: bytes) -> str:
    """How an answer begins, in one line that shows what is invisible."""
    text = body[:SHOWN_BYTES].decode("utf-8", "replace").strip()
    return visible(text)[:ANSWER_CHARACTERS]
