"""The rules of outgoing webhooks: who makes them, what they hear, and when they are switched off.

An admin makes them, of rooms that they can see: a private room is named, or it is not heard. Nobody
can have a direct conversation sent elsewhere. What a webhook's own account writes is not sent to
it; if it answers, neither is what the accounts of other webhooks write, so that two of them cannot
answer each other for ever. What a webhook sends, its maker can see: sending_rights.py.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import BadPayload, NoSuchRoom, NotAllowed, NotFound, QuotaReached
from chatapp.domain.future import Future
from chatapp.domain.limits import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_HINT_CHARACTERS,
    checked_command_line,
    checked_command_name,
    checked_title,
)
from chatapp.domain.model import Event, Room
from chatapp.domain.notes import Note
from chatapp.domain.rights import (
    WEBHOOKS,
    By,
    is_seen_by_everybody,
    name_of,
    require_admin,
)
from chatapp.features.outgoing_webhooks.attempts import PORTS
from chatapp.features.outgoing_webhooks.payloads import EVENT_NAMES, name_of_event
from chatapp.features.outgoing_webhooks.rows import (
    OutgoingWebhook,
    SigningKey,
    Start,
    SwitchedOff,
    WebhookCommand,
    WebhookPlace,
    WebhookRows,
)
from chatapp.features.outgoing_webhooks.signing import SealedSecrets, is_sealed, new_secret
from chatapp.outbound.calls import OutboundError
from chatapp.outbound.targets import check_without_lookup
from chatapp.tables.rerun import rerun
from chatapp.tables.table import Change

MAX_WEBHOOKS = 50
"""Each may wait for its receiver at the same time."""
MAX_ROOMS = 100
"""That a webhook names."""
OLD_KEY_HOURS = 24
"""How long a secret signs after it was replaced."""
ID_CHARACTERS = 12
HOW_TO_ALLOW = "Whoever runs the server can allow the host: CHATAPP_OUTBOUND_HOSTS."


ChangesOfCommands = Callable[
    [str, OutgoingWebhook | None, OutgoingWebhook | None], Sequence[Change]
]
"""What is written with a webhook, of its command; raises `NameTaken`."""


class WantedWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """What an admin asks for. `rooms` None is every public room; `replies_as` is the id of a bot's
    account."""

    title: str
    url: str
    rooms: Sequence[str] | None = None
    events: Sequence[str] = ("message.posted",)
    from_bots: bool = False
    replies_as: str | None = None
    calls_all: bool = False
    command: WebhookCommand | None = None


class MadeWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A new webhook, and its secret, which nobody is shown again."""

    id: str
    secret: str


class OutgoingWebhooks:
    """`find_room(by, name)` is a room that somebody can see; `room(name)` any room. `is_bot(id)`:
    whether an account is a program's. `tip()` is the number of the log's last record, None without
    a log. `randomness(count)` gives random bytes. `allowed()` are hosts that may be called although
    they are not on the internet."""

    def __init__(
        self,
        rows: WebhookRows,
        *,
        find_room: Callable[[By, str], Room],
        room: Callable[[str], Room],
        is_bot: Callable[[str], bool],
        tip: Callable[[], int | None],
        secrets: SealedSecrets,
        randomness: Callable[[int], bytes],
        allowed: Callable[[], frozenset[str]],
        of_commands: ChangesOfCommands = lambda _id, _old, _new: (),
        clock: Clock,
        note: Note,
    ) -> None:
        self.rows = rows
        self._find_room = find_room
        self._room = room
        self._is_bot = is_bot
        self._tip = tip
        self._secrets = secrets
        self._randomness = randomness
        self._allowed = allowed
        self._of_commands = of_commands
        self._clock = clock
        self._note = note

    # What there is

    def find(self, id: str) -> OutgoingWebhook:
        webhook = self.rows.table.get(id)
        if webhook is None:
            raise NotFound("There is no such webhook.")
        return webhook

    def place(self, id: str) -> WebhookPlace | None:
        """How far a webhook is, as it was written last; None before its first start."""
        place = self.rows.places.get(id)
        return place if place and place.serial == self.find(id).start.serial else None

    def wants(self, webhook: OutgoingWebhook, event: Event) -> bool:
        """Whether a webhook gets an event."""
        if event.at < webhook.start.since or name_of_event(event) not in webhook.events:
            return False
        return self._hears_room(webhook, event.room) and self._hears_author(webhook, event)

    def _hears_room(self, webhook: OutgoingWebhook, name: str) -> bool:
        try:
            room = self._room(name)
        except NoSuchRoom:
            return False
        if webhook.rooms is None:
            return is_seen_by_everybody(room)
        return name in webhook.rooms and room.deleted_at is None

    def _hears_author(self, webhook: OutgoingWebhook, event: Event) -> bool:
        if event.by is None:
            return True
        if webhook.replies_as is not None and event.by in self._answering():
            return False
        return webhook.from_bots or not self._is_bot(event.by)

    def _answering(self) -> set[str]:
        """The ids of the accounts that post answers."""
        return {one.replies_as for _, one in self.rows.table.items() if one.replies_as}

    # Making and changing

    def add(self, admin: By, wanted: WantedWebhook) -> Future[MadeWebhook]:
        require_admin(admin)
        checked = self._checked(admin, wanted)
        if len(self.rows.table) >= MAX_WEBHOOKS:
            raise QuotaReached(f"A chat has at most {MAX_WEBHOOKS} outgoing webhooks.")
        id, secret = self._randomness(ID_CHARACTERS // 2).hex(), new_secret(self._randomness)
        now = timestamp(self._clock())
        webhook = OutgoingWebhook(
            **msgspec.structs.asdict(checked),
            keys=[SigningKey(secret=self._secrets.seal(secret))],
            made_by=_id_of(admin),
            made_at=now,
            start=Start(serial=1, n=self._tip(), since=now),
        )
        self._tell(admin, "add-outgoing-webhook", webhook)
        kept = self.rows.change(id, None, webhook, *self._of_commands(id, None, webhook))
        return kept.then(lambda _: MadeWebhook(id=id, secret=secret))

    def change(self, admin: By, id: str, wanted: WantedWebhook) -> Future[None]:
        """From then on, it sends by the rights of this admin; what failed is tried at once."""
        require_admin(admin)
        before = self.find(id)
        changed = replace(
            before,
            **msgspec.structs.asdict(self._checked(admin, wanted)),
            made_by=_id_of(admin),
            start=self._start(before),
            off=None,
        )
        others = self._of_commands(id, before, changed)
        self._tell(admin, "change-outgoing-webhook", changed)
        return self.rows.change(id, before, changed, *others)

    def pause(self, admin: By, id: str) -> Future[None]:
        require_admin(admin)
        before = self.find(id)
        self.tell(admin, before, "paused")
        return self.rows.change(id, before, replace(before, paused=True))

    def resume(self, admin: By, id: str, *, skip: bool = False) -> Future[None]:
        """Send again what waits, at once; with `skip`, only what comes from now on. If its maker
        has lost the right, it sends by that of this admin, who must see all of its rooms."""
        require_admin(admin)
        before = self.find(id)
        maker = before.made_by
        if before.off and before.off.why == "maker":
            self._checked_rooms(admin, before.rooms)
            maker = _id_of(admin)
        start = self._start(before, n=self._tip() if skip else None)
        self.tell(admin, before, "resumed")
        resumed = replace(before, made_by=maker, paused=False, off=None, start=start)
        return self.rows.change(id, before, resumed)

    def skip(self, admin: By, id: str) -> Future[None]:
        """Give up the event that the receiver refuses, and go on behind it."""
        require_admin(admin)
        before, place = self.find(id), self.place(id)
        if place is None or not place.failing:
            raise NotFound("There is no event that fails.")
        self.tell(admin, before, "skipped")
        start = self._start(before, n=place.failing)
        return self.rows.change(id, before, replace(before, off=None, start=start))

    def replay(self, admin: By, id: str, n: int, since: str) -> Future[None]:
        """Send again what happened since a timestamp, behind the record `n`."""
        require_admin(admin)
        before = self.find(id)
        self.tell(admin, before, "replayed")
        start = self._start(before, n=n, since=since)
        return self.rows.change(id, before, replace(before, start=start))

    def rotate(self, admin: By, id: str) -> Future[str]:
        """A new secret; the present one signs, too, for a day."""
        require_admin(admin)
        before, now = self.find(id), self._clock()
        secret = new_secret(self._randomness)
        until = timestamp(now + timedelta(hours=OLD_KEY_HOURS))
        old = SigningKey(secret=before.keys[0].secret, until=until)
        self.tell(admin, before, "rotated")
        new = SigningKey(secret=self._secrets.seal(secret))
        changed = replace(before, keys=[new, old] if self._secrets.can_sign(before) else [new])
        return self.rows.change(id, before, changed).then(lambda _: secret)

    def seal_secrets(self) -> None:
        """Seal what the first version has stored in clear."""

        def seal(id: str) -> Future[None]:
            before = self.rows.table.get(id)
            if before is None or all(is_sealed(key.secret) for key in before.keys):
                return Future.of(None)
            keys = [replace(key, secret=self._secrets.seal(key.secret)) for key in before.keys]
            return self.rows.change(id, before, replace(before, keys=keys))

        for id in self.rows.all():
            rerun(partial(seal, id))

    def remove(self, admin: By, id: str) -> Future[None]:
        require_admin(admin)
        before = self.find(id)
        self._note(name_of(admin), "remove-outgoing-webhook", title=before.title)
        return self.rows.remove(id, before, *self._of_commands(id, before, None))

    def switch_off(self, id: str, why: str, problem: str) -> Future[None]:
        """`why` is one of `SwitchedOff`. The console shows it to admins until one resumes it."""

        def decide() -> Future[None]:
            before = self.rows.table.get(id)
            if before is None or before.off is not None:
                return Future.of(None)
            off = SwitchedOff(why=why, at=timestamp(self._clock()), problem=problem)
            self._note(WEBHOOKS, "outgoing-webhook-off", title=before.title, problem=problem)
            return self.rows.change(id, before, replace(before, off=off))

        return rerun(decide)

    def tell(self, admin: By, webhook: OutgoingWebhook, did: str) -> None:
        """Note what an admin did with a webhook: `paused`, `resumed` …"""
        self._note(name_of(admin), "change-outgoing-webhook", **{did: webhook.title})

    def _tell(self, admin: By, action: str, webhook: OutgoingWebhook) -> None:
        """Without the path of the URL, which may be a secret."""
        rooms = None if webhook.rooms is None else ", ".join(webhook.rooms)
        host = urlsplit(webhook.url).netloc
        self._note(name_of(admin), action, title=webhook.title, host=host, rooms=rooms)

    def _start(
        self, webhook: OutgoingWebhook, n: int | None = None, since: str | None = None
    ) -> Start:
        return Start(serial=webhook.start.serial + 1, n=n, since=since or webhook.start.since)

    # Checking

    def _checked(self, admin: By, wanted: WantedWebhook) -> WantedWebhook:
        """What is wanted, as it is stored. Who changes a webhook must see all of its rooms, too:
        a new URL is somebody else who hears them."""
        unknown = set(wanted.events) - set(EVENT_NAMES)
        if unknown or not (wanted.events or wanted.command):
            raise BadPayload(f"Choose events: {', '.join(EVENT_NAMES)}.")
        if wanted.command is not None and wanted.replies_as is None:
            raise BadPayload("A webhook with a command needs a bot that posts its answers.")
        if wanted.replies_as is not None and not self._is_bot(wanted.replies_as):
            raise NotAllowed("Answers are posted by a bot's account.")
        return WantedWebhook(
            title=checked_title(wanted.title),
            url=checked_url(wanted.url, self._allowed()),
            rooms=self._checked_rooms(admin, wanted.rooms),
            events=[name for name in EVENT_NAMES if name in wanted.events],
            from_bots=wanted.from_bots,
            replies_as=wanted.replies_as,
            calls_all=wanted.calls_all,
            command=None if wanted.command is None else checked_command(wanted.command),
        )

    def _checked_rooms(self, admin: By, wanted: Sequence[str] | None) -> list[str] | None:
        if wanted is None:
            return None
        if not 1 <= len(wanted) <= MAX_ROOMS:
            raise BadPayload(f"Name 1 to {MAX_ROOMS} rooms, or choose all public rooms.")
        rooms = [self._find_room(admin, name) for name in wanted]
        if any(room.kind == "direct" for room in rooms):
            raise NotAllowed("A direct conversation cannot be sent elsewhere.")
        return list(dict.fromkeys(room.name for room in rooms))


def checked_command(wanted: WebhookCommand) -> WebhookCommand:
    address = wanted.address.strip().rstrip("/")
    if address and not address.startswith(("http://", "https://")):
        raise BadPayload("The chat's address begins with https:// or http://.")
    return replace(
        wanted,
        name=checked_command_name(wanted.name.strip().removeprefix("/")),
        hint=checked_command_line(wanted.hint, "A hint")[:MAX_HINT_CHARACTERS],
        description=checked_command_line(wanted.description, "A description")[
            :MAX_DESCRIPTION_CHARACTERS
        ],
        address=address,
    )


def checked_url(url: str, allowed: frozenset[str]) -> str:
    """A URL that may be called, as far as it says itself."""
    try:
        check_without_lookup(url.strip(), ports=PORTS, allowed=allowed)
    except OutboundError as error:
        can_be_allowed = error.reason in {"not_public", "bad_port"}
        raise BadPayload(f"{error} {HOW_TO_ALLOW}" if can_be_allowed else str(error)) from None
    return url.strip()


def _id_of(admin: By) -> str:
    return admin.id if admin else ""
