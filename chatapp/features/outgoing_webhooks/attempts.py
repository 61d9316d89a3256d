"""One attempt: a signed POST through `outbound/`, and what came of it."""

import time
from collections.abc import Callable
from http import HTTPStatus

import msgspec

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.future import Future
from chatapp.domain.visible import visible
from chatapp.features.outgoing_webhooks import signing
from chatapp.features.outgoing_webhooks.deliveries import ANSWER_CHARACTERS, Delivery
from chatapp.features.outgoing_webhooks.retries import retry_after
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook
from chatapp.outbound.calls import Call, OutboundError, Reply

SECONDS = 15.0
MAX_ANSWER_BYTES = 64 * 1024
PORTS = (80, 443, 8080, 8443)
"""Of hosts on the internet; a webhook is no way to talk to mail servers."""

CallHost = Callable[[Call], Future[Reply]]


class AttemptOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an attempt. `problem` is empty if the receiver took the event. `is_ours`: it was
    not even called, because this server was too busy."""

    delivery: Delivery
    answer: Reply | None = None
    retry_after: float | None = None
    is_ours: bool = False

    @property
    def is_gone(self) -> bool:
        return self.delivery.status == HTTPStatus.GONE


class Attempts:
    """`allowed()` are hosts that may be called although they are not on the internet."""

    def __init__(
        self,
        call: CallHost,
        *,
        allowed: Callable[[], frozenset[str]],
        clock: Clock,
        ticks: Callable[[], float] = time.monotonic,
        seconds: float = SECONDS,
    ) -> None:
        self._call = call
        self._allowed = allowed
        self._clock = clock
        self._ticks = ticks
        self._seconds = seconds

    def make(
        self, webhook: OutgoingWebhook, body: bytes, planned: Delivery
    ) -> Future[AttemptOutcome]:
        """Send a body. `planned` says what it is; the outcome has it with what came of it."""
        now, began = self._clock(), self._ticks()
        keys = signing.keys_at(webhook, timestamp(now))
        wanted = Call(
            url=webhook.url,
            method="POST",
            headers={
                "Content-Type": "application/json",
                **signing.headers(keys, planned.id, int(now.timestamp()), body),
            },
            body=body,
            seconds=self._seconds,
            max_bytes=MAX_ANSWER_BYTES + 1,
            cut=True,
            ports=PORTS,
            allowed=self._allowed(),
        )
        outcome: Future[AttemptOutcome] = Future()

        def settle(called: Future[Reply]) -> None:
            took = round((self._ticks() - began) * 1000)
            outcome.resolve(self._outcome(called, planned, timestamp(now), took))

        self._call(wanted).add_done_callback(settle)
        return outcome

    def _outcome(
        self, called: Future[Reply], planned: Delivery, at: str, took: int
    ) -> AttemptOutcome:
        made = msgspec.structs.replace(planned, at=at, milliseconds=took)
        if called.error is not None:
            if not isinstance(called.error, OutboundError):
                raise called.error
            failed = msgspec.structs.replace(made, problem=str(called.error))
            return AttemptOutcome(delivery=failed, is_ours=called.error.reason == "busy")
        answer = called.result()
        answered = msgspec.structs.replace(
            made,
            status=answer.status,
            answer=beginning(answer.body),
            problem="" if 200 <= answer.status < 300 else f"It answers with {answer.status}.",
        )
        return AttemptOutcome(
            delivery=answered,
            answer=answer,
            retry_after=retry_after(answer.headers.get("retry-after"), self._clock()),
        )


def beginning(body: bytes) -> str:
    """How an answer begins, in one line that shows what is invisible."""
    text = body[: 4 * ANSWER_CHARACTERS].decode("utf-8", "replace").strip()
    return visible(text)[:ANSWER_CHARACTERS]
