"""Outgoing webhooks on a real log, with a clock, a lease and a receiver in the test's hands."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatapp.domain.clock import timestamp
from chatapp.domain.due_times import Later
from chatapp.domain.errors import NoSuchRoom, Unauthorized
from chatapp.domain.future import Future
from chatapp.domain.model import Draft, Event, Person, Room
from chatapp.domain.rights import may_see
from chatapp.features.outgoing_webhooks.answers import AnswerPoster
from chatapp.features.outgoing_webhooks.attempts import Attempts
from chatapp.features.outgoing_webhooks.by_hand import SentByHand
from chatapp.features.outgoing_webhooks.deliveries import Delivery, DeliveryLog
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks, WantedWebhook
from chatapp.features.outgoing_webhooks.payloads import Payloads
from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, WebhookPlace, WebhookRows
from chatapp.features.outgoing_webhooks.sender import WebhookSender
from chatapp.features.outgoing_webhooks.sending_rights import SendingRights
from chatapp.features.outgoing_webhooks.signing import SealedSecrets
from chatapp.outbound.calls import (
    AnswersInTurn,
    Call,
    CallsInTurn,
    Failure,
    OutboundError,
    Reply,
)
from chatapp.protocol.requests import Post
from chatapp.store.message_log import MessageLog
from chatapp.text.tokens import NOBODY
from tests.support.accounts import MemoryDirectory, Notes

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
BOSS = Person(name="boss", id="b1", role="admin")
ANA = Person(name="ana", id="a1", role="member")
ROBOT = Person(name="robot", id="r1", role="bot")
OTHER = Person(name="other", id="r2", role="bot")
URL = "https://hooks.example.org/chat"


class Receiver:
    """Where webhooks lead, in place of `outbound/`: answers with 200, unless somebody said what
    comes next. While `is_slow`, calls wait until `answer()`. `together` are the sizes of what came
    together."""

    def __init__(self, later: Later) -> None:
        self._later = later
        self.calls: list[Call] = []
        self.answers: list[Reply | OutboundError] = []
        self.always: Reply | OutboundError = said(200)
        self.is_slow = False
        self.together: list[int] = []
        self._waiting: list[tuple[Future[AnswersInTurn], list[Call], list[Any]]] = []

    def in_turn(self, wanted: CallsInTurn) -> Future[AnswersInTurn]:
        outcome: Future[AnswersInTurn] = Future()
        self.together.append(len(wanted.calls))
        self._call(outcome, wanted.calls, [])
        return outcome

    def _call(self, outcome: Future[AnswersInTurn], calls: list[Call], made: list[Any]) -> None:
        self.calls.append(calls[0])
        self._waiting.append((outcome, calls, made))
        if not self.is_slow:
            self._later(0, self.answer)

    def answer(self, url: str | None = None) -> None:
        """All calls that wait, or those to a URL."""
        waiting, self._waiting = self._waiting, []
        for outcome, calls, made in waiting:
            if url not in (None, calls[0].url):
                self._waiting.append((outcome, calls, made))
                continue
            answer = self.answers.pop(0) if self.answers else self.always
            if isinstance(answer, OutboundError):
                if answer.reason == "busy":
                    outcome.fail(answer)
                    continue
                answer = Failure(reason=answer.reason, message=str(answer))
            made = [*made, (0, answer)]
            is_well = isinstance(answer, Reply) and 200 <= answer.status < 300
            if is_well and calls[1:]:
                self._call(outcome, calls[1:], made)
            else:
                outcome.resolve(AnswersInTurn(answers=made))

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(call.body) for call in self.calls]

    @property
    def texts(self) -> list[str]:
        return [body["data"].get("text") for body in self.bodies]

    @property
    def ids(self) -> list[str]:
        return [call.headers["webhook-id"] for call in self.calls]


def said(status: int, body: bytes = b"", **headers: str) -> Reply:
    """An answer; `content_type` is a header."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, url=URL, headers=names, body=body)


class Chat:
    """`go(seconds)` lets time pass; `restart()` is a crash and a new start on the same rows."""

    def __init__(self, log: MessageLog) -> None:
        self.log = log
        self.now = NOON
        self.is_held = True
        self.share = 0.0
        self.rooms = {
            "general": Room(name="general", title="General"),
            "tea": Room(name="tea", title="Tea"),
            "secret": Room(name="secret", title="Secret", kind="private", members={"b1": "boss"}),
            "two": Room(name="two", title="Two", kind="direct", members={"b1": "boss"}),
        }
        self.removed_to: dict[str, int] = {}
        self.told: Callable[[Event], Event] = lambda event: event
        self.directory = MemoryDirectory()
        self.notes = Notes()
        self.receiver = Receiver(self._later)
        self.accounts = {one.id: one for one in (BOSS, ANA, ROBOT, OTHER)}
        self.server_secret = b"one"
        self.banned: set[str] = set()
        self.outbound_hosts = frozenset[str]()
        self.posted: list[tuple[Person, Post]] = []
        self.refusal: Exception | None = None
        self._taken: list[Any] = []
        self._random = 0
        self.restart()

    def restart(self) -> None:
        self._waiting: list[tuple[datetime, Any]] = []
        self.log.feed._of_events.clear()
        self.rows = WebhookRows(self.directory)
        self.payloads = Payloads(
            self.log,
            told=lambda event: self.told(event),
            removed_to=lambda room: self.removed_to.get(room, 0),
        )
        self.log.feed.subscribe(self.payloads.hear)
        secrets = SealedSecrets(self.server_secret, self._randomness)
        attempts = Attempts(
            self.receiver.in_turn, secrets, allowed=frozenset, clock=lambda: self.now
        )
        self.manager = OutgoingWebhooks(
            self.rows,
            find_room=self._find_room,
            room=self._room,
            is_bot=lambda id: id in self.accounts and self.accounts[id].role == "bot",
            tip=lambda: self.log.journal.tip.n,
            secrets=secrets,
            randomness=self._randomness,
            allowed=lambda: self.outbound_hosts,
            clock=lambda: self.now,
            note=self.notes,
        )
        rights = SendingRights(
            person=self.accounts.get,
            check_stay=self._check_stay,
            may_see=may_see,
            room=self._room,
            can_sign=secrets.can_sign,
        )
        self.deliveries = DeliveryLog(self.rows.attempts, self._later)
        self.sender = WebhookSender(
            self.rows,
            self.log,
            payloads=self.payloads,
            attempts=attempts,
            answers=AnswerPoster(self._post, self.accounts.get, lambda: NOBODY),
            deliveries=self.deliveries,
            wants=self.manager.wants,
            obstacle=rights.obstacle,
            tip=lambda: self.log.journal.tip.n,
            switch_off=self.manager.switch_off,
            share=lambda: self.share,
            lease=self,
            later=self._later,
            clock=lambda: self.now,
        )
        self.log.feed.subscribe(self.sender.hear)
        self.by_hand = SentByHand(
            self.manager,
            self.payloads,
            attempts,
            self.deliveries,
            obstacle=rights.obstacle,
            randomness=self._randomness,
            clock=lambda: self.now,
        )
        self.manager.seal_secrets()
        self.sender.start()

    # A lease

    def on_taken(self, begin: Any) -> None:
        self._taken.append(begin)

    def take(self) -> None:
        self.is_held = True
        self._taken[-1]()

    # Time

    def go(self, seconds: float = 1.0) -> None:
        until = self.now + timedelta(seconds=seconds)
        while due := sorted((at, n) for n, (at, _) in enumerate(self._waiting) if at <= until):
            at, number = due[0]
            _, step = self._waiting.pop(number)
            self.now = max(self.now, at)
            step()
        self.now = until

    def _later(self, seconds: float, step: Any) -> None:
        self._waiting.append((self.now + timedelta(seconds=seconds), step))

    # The chat

    def add(self, *, by: Person | None = BOSS, **wanted: Any) -> str:
        """A webhook's id."""
        return self.make(by=by, **wanted).id

    def make(self, *, by: Person | None = BOSS, **wanted: Any) -> Any:
        made = self.manager.add(by, WantedWebhook(**{"title": "CI", "url": URL, **wanted}))
        self.go()
        return made.result()

    def append(self, draft: Draft) -> Event:
        event = self.log.append(draft, at=timestamp(self.now)).result().event
        assert isinstance(event, Event)
        return event

    def say(self, text: str, *, room: str = "general", by: Person = ANA, **more: Any) -> Event:
        return self.append(Draft(room=room, sender=by.name, by=by.id, text=text, **more))

    def change(self, event: Event, type: Any, **more: Any) -> Event:
        return self.append(
            Draft(room=event.room, sender="ana", by="a1", type=type, target=event.seq, **more)
        )

    def webhook(self, id: str) -> OutgoingWebhook:
        return self.manager.find(id)

    def place(self, id: str) -> WebhookPlace:
        place = self.rows.places.get(id)
        assert place is not None
        return place

    def attempts(self, id: str) -> list[Delivery]:
        """Oldest first."""
        return self.deliveries.of(id)[::-1]

    def _post(self, person: Person, post: Post) -> Any:
        if self.refusal:
            raise self.refusal
        self.posted.append((person, post))
        draft = Draft(
            room=post.room,
            sender=person.name,
            by=person.id,
            text=post.text,
            cid=post.cid,
            reply_to=post.reply_to,
            thread=post.thread,
        )
        return self.log.append(draft, at=timestamp(self.now))

    def _check_stay(self, person: Person) -> None:
        if person.id in self.banned:
            raise Unauthorized("You are banned.")

    def _find_room(self, by: Any, name: str) -> Room:
        room = self._room(name)
        if by is not None and room.kind != "public" and by.id not in room.members:
            raise NoSuchRoom(f"There is no room {name!r}.")
        return room

    def _room(self, name: str) -> Room:
        if name not in self.rooms:
            raise NoSuchRoom(f"There is no room {name!r}.")
        return self.rooms[name]

    def _randomness(self, count: int) -> bytes:
        self._random += 1
        return self._random.to_bytes(count, "big")


@pytest.fixture
def chat(log: MessageLog) -> Chat:
    return Chat(log)
