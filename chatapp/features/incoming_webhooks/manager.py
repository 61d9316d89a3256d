"""The rules of incoming webhooks: who makes them, and what they may post.

Whoever knows the address of a webhook can post to its one room, as a bot. Each delivery goes by all
rules of the room, as if the bot had written it, and is posted once, however often it is sent.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from msgspec.structs import replace

from chatapp.domain.clock import timestamp
from chatapp.domain.emoji import one_emoji
from chatapp.domain.errors import BadPayload, ChatError, Empty, NotAllowed, NotFound, Unauthorized
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_INTEGER, checked_display_name
from chatapp.domain.model import Appended, Person, Room, Via
from chatapp.domain.notes import Note
from chatapp.domain.rates import RateLimiter
from chatapp.domain.rights import (
    By,
    name_of,
    require_not_deleted,
    require_power_over,
    require_within,
)
from chatapp.features.accounts.model import Account, as_person, digest
from chatapp.features.incoming_webhooks.formats.converted import Converted
from chatapp.features.incoming_webhooks.formats.detection import convert
from chatapp.features.incoming_webhooks.formats.writing import cut
from chatapp.features.incoming_webhooks.model import (
    IncomingDelivery,
    IncomingHook,
    NewHook,
    Received,
    Source,
)
from chatapp.features.incoming_webhooks.rows import IncomingHookRows, id_of
from chatapp.features.incoming_webhooks.signatures import require_signature, signing_secret
from chatapp.protocol.requests import Post
from chatapp.tables.rerun import rerun
from chatapp.text.harmless_mentions import GROWTH, without_mentions, without_mentions_of_all
from chatapp.text.tokens import Names

USED_EVERY = timedelta(hours=1)
"""Writing every use would add a line for each delivery."""
PROBLEM_EVERY = timedelta(minutes=1)
"""The same of problems."""
MAX_PROBLEM_CHARACTERS = 200
MAX_HOOKS = 500
"""Of a chat."""
IDEMPOTENCY_HEADERS = (
    "idempotency-key",
    "x-github-delivery",
    "x-gitea-delivery",
    "x-forgejo-delivery",
    "x-gitlab-event-uuid",
    "webhook-id",
)
"""A delivery that is sent again has the same value in one of these."""
TEST_MESSAGE = "👋 This is a test of the webhook. It works."


class BotAccounts(Protocol):
    """Finds and makes the accounts that post."""

    def named(self, name: str) -> Account | None: ...
    def by_id(self, id: str) -> Account | None: ...


class PostByHook(Protocol):
    def __call__(self, person: Person, post: Post, *, via: Via | None = None) -> Future[Appended]:
        """Post a message of a person, beside whose name the program calls itself `via`."""


class IncomingHookManager:
    """`room(name)` finds any room; `make_bot(by, name, owner, room)` makes an account with limits;
    `enter(account, room)` makes one a member; `post` posts by all rules; `check_stay(person)`
    raises an error if an account may not come in; `names()` are those that can be mentioned.
    `server_secret` is the same for all processes."""

    def __init__(
        self,
        rows: IncomingHookRows,
        accounts: BotAccounts,
        *,
        room: Callable[[str], Room],
        make_bot: Callable[[By, str, str | None, str], Future[Account]],
        enter: Callable[[Account, Room], Future[object]],
        post: PostByHook,
        check_stay: Callable[[Person], None],
        names: Callable[[], Names],
        max_text_bytes: Callable[[], int],
        pace: RateLimiter,
        clock: Callable[[], datetime],
        secret: Callable[[], str],
        server_secret: bytes,
        note: Note,
    ) -> None:
        self._rows = rows
        self._accounts = accounts
        self._room = room
        self._make_bot = make_bot
        self._enter = enter
        self._post = post
        self._check_stay = check_stay
        self._names = names
        self._max_text_bytes = max_text_bytes
        self._pace = pace
        self._clock = clock
        self._secret = secret
        self._server_secret = server_secret
        self._note = note

    # Creating and revoking

    def create(
        self,
        by: By,
        name: str,
        room: str,
        *,
        owner: str | None = None,
        source: Source = "auto",
        calls_all: bool = False,
        signed: bool = False,
    ) -> Future[NewHook]:
        """Create a webhook that posts to a room as the bot `name`. If that is new, the account
        `owner` answers for it, and it may be in this room only."""
        require_power_over(by, "bot")
        place = self._room(room.strip().removeprefix("#"))
        require_not_deleted(place)
        if place.kind == "direct":
            raise NotAllowed("A webhook posts to a public or a private room.")
        if len(self._rows) >= MAX_HOOKS:
            raise NotAllowed(f"A chat has at most {MAX_HOOKS} webhooks. Revoke some first.")
        secret = self._secret()
        key = digest(secret)

        def keep(account: Account) -> Future[NewHook]:
            hook = IncomingHook(
                account=account.id,
                room=place.name,
                source=source,
                calls_all=calls_all,
                signed=signed,
                created_by=name_of(by),
                created_at=timestamp(self._clock()),
            )
            kept = self._rows.table.put(key, hook, expected=None)
            self._note(
                name_of(by),
                "add-incoming-webhook",
                name=account.name,
                room=place.name,
                source=source,
            )
            new = NewHook(
                id=id_of(key),
                name=account.name,
                room=place.name,
                secret=secret,
                signing_secret=signing_secret(self._server_secret, key) if signed else None,
            )
            return kept.then(lambda _: new)

        return self._bot(by, name, owner, place).chain(keep)

    def _bot(self, by: By, name: str, owner: str | None, room: Room) -> Future[Account]:
        """The bot of this name, in the room."""
        known = self._accounts.named(name)
        if known is None:
            return self._make_bot(by, name, owner, room.name)
        if known.role != "bot":
            raise NotAllowed(f"{known.name} is a person, not a bot. Choose another name.")
        require_within(known.limits, known.name, room)
        return self._enter(known, room).then(lambda _: known)

    def revoke(self, by: By, id: str) -> Future[None]:
        """The address works no more. The bot's account and its messages stay."""
        require_power_over(by, "bot")
        key, hook = self._rows.named(id)
        revoked = self._rows.table.delete(key, expected=hook)
        self._note(name_of(by), "revoke-incoming-webhook", name=self.name_of(hook), room=hook.room)
        return revoked

    def all(self) -> list[tuple[str, IncomingHook]]:
        """All webhooks with their ids, the newest first."""
        return self._rows.all()

    def name_of(self, hook: IncomingHook) -> str:
        account = self._accounts.by_id(hook.account)
        return account.name if account else "?"

    def test(self, by: By, id: str) -> Future[Appended]:
        """Post a message by a webhook, so that its room sees that it works."""
        require_power_over(by, "bot")
        _, hook = self._rows.named(id)
        return self._post(self._person(hook), Post(text=TEST_MESSAGE, room=hook.room))

    # Deliveries

    def receive(self, secret: str, delivery: IncomingDelivery) -> Future[Received]:
        """Post what was delivered to an address; raises `NotFound` for one that is not known."""
        key = digest(secret)
        hook = self._rows.table.get(key)
        if hook is None:
            raise NotFound("There is no webhook at this address.")
        try:
            self._pace.check(key)
            received = self._receive(key, hook, delivery)
        except ChatError as error:
            self._note_problem(key, error.message)
            raise
        received.add_done_callback(lambda done: self._settle(key, done))
        return received

    def _receive(
        self, key: str, hook: IncomingHook, delivery: IncomingDelivery
    ) -> Future[Received]:
        if hook.signed:
            require_signature(delivery, signing_secret(self._server_secret, key), self._clock())
        message = convert(delivery, hook.source, hook.room)
        if not message.text.strip():
            return Future.of(_nothing_to_post(hook, message))
        via = _via(message)
        post = Post(
            text=self._text(hook, message),
            room=hook.room,
            cid=_cid(key, delivery),
            thread=_checked_thread(message.thread),
            also_to_room=message.also_to_room,
        )
        posted = self._post(self._person(hook), post, via=via)
        return posted.then(
            lambda appended: Received(
                room=hook.room,
                seq=appended.event.seq,
                duplicate=appended.duplicate,
                ignored=message.unknown.names,
            )
        )

    def _text(self, hook: IncomingHook, message: Converted) -> str:
        """The text within the limit, also when the signs of mentions have become longer."""
        most = self._max_text_bytes()
        text = cut(message.text, most)
        text = cut(text, max(most // 3, most - GROWTH * text.count("@")))
        if message.is_elsewhere:
            return without_mentions(text, self._names())
        return text if hook.calls_all else without_mentions_of_all(text, self._names())

    def _person(self, hook: IncomingHook) -> Person:
        account = self._accounts.by_id(hook.account)
        if account is None:
            raise Unauthorized("The account of this webhook no longer exists.")
        person = as_person(account)
        self._check_stay(person)
        return person

    # What is shown of it

    def _settle(self, key: str, received: Future[Received]) -> None:
        if isinstance(received.error, ChatError):
            self._note_problem(key, received.error.message)
        elif received.error is None:
            ignored = received.result().ignored
            self._note_use(key)
            if ignored:
                self._note_problem(key, f"Not shown: {', '.join(ignored)}")

    def _note_use(self, key: str) -> None:
        now = self._clock()

        def note() -> Future[None]:
            hook = self._rows.table.get(key)
            if hook is None or (hook.used_at and hook.used_at > timestamp(now - USED_EVERY)):
                return Future.of(None)
            used = replace(hook, used_at=timestamp(now))
            return self._rows.table.put(key, used, expected=hook)

        rerun(note)

    def _note_problem(self, key: str, problem: str) -> None:
        now, problem = self._clock(), problem[:MAX_PROBLEM_CHARACTERS]

        def note() -> Future[None]:
            hook = self._rows.table.get(key)
            if hook is None:
                return Future.of(None)
            is_new = hook.problem_at is None or hook.problem_at <= timestamp(now - PROBLEM_EVERY)
            if not is_new:
                return Future.of(None)
            noted = replace(hook, problem=problem, problem_at=timestamp(now))
            return self._rows.table.put(key, noted, expected=hook)

        rerun(note)


def _nothing_to_post(hook: IncomingHook, message: Converted) -> Received:
    """Sites send events that nobody wants to read here. A message without words is a mistake."""
    names = message.unknown.names
    if not message.is_elsewhere:
        raise Empty(f"There is nothing to show. {_not_understood(names)}".strip())
    return Received(room=hook.room, ignored=names)


def _not_understood(names: list[str]) -> str:
    return f"Not understood: {', '.join(names)}." if names else ""


def _via(message: Converted) -> Via | None:
    """How the sender calls itself, as far as that can be shown."""
    try:
        name = checked_display_name(message.name)
    except ChatError:
        name = ""
        message.unknown.add("username")
    emoji = one_emoji(message.sign) or ""
    if message.sign and not emoji:
        message.unknown.add("icon_emoji")
    return Via(name=name, emoji=emoji) if name or emoji else None


def _checked_thread(thread: int | None) -> int | None:
    if thread is not None and not 0 < thread <= MAX_INTEGER:
        raise BadPayload("A thread is the number of its first message.")
    return thread


def _cid(key: str, delivery: IncomingDelivery) -> str | None:
    """The same for a delivery that is sent again; None if that cannot be known."""
    told = next(filter(None, map(delivery.header, IDEMPOTENCY_HEADERS)), "")
    if not told:
        return None
    return f"hook:{sha256(f'{key} {told}'.encode(errors='replace')).hexdigest()[:40]}"
