"""What is stored of outgoing webhooks: for each, a row of settings, a row of progress, and rows
of its last attempts.

Admins change the settings, and only the process that sends changes the progress. So an admin moves
the place in the log by a new `start` in the settings, and whoever sends begins again from there.
"""

import msgspec

from chatapp.domain.future import Future
from chatapp.features.outgoing_webhooks.deliveries import BY_HAND, KeptDeliveries
from chatapp.tables.table import Change, TableStore

TABLE = "outgoing_webhooks"
PLACES = "outgoing_webhook_places"
ATTEMPTS = "outgoing_webhook_attempts"


class SigningKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A secret, sealed as signing.py says. It signs; until a timestamp if a newer one has replaced
    it."""

    secret: str
    until: str | None = None


class Start(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """From where on events are sent: behind the record `n` of the log, or where it was if that is
    None; of these, those that happened at `since` or later, a timestamp. A new `serial` is a new
    start."""

    serial: int
    n: int | None = None
    since: str


class SwitchedOff(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing is sent any more since `at`: the receiver said that it is `gone`, or has `failed`
    for a day; or its `maker` has lost the right to what it sends; or its `secret` was sealed by
    another server. `problem` is the last answer, or what is missing, as people read it."""

    why: str
    at: str
    problem: str


class WebhookCommand(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A slash command that a webhook has. Its receiver gets Slack's form, or if it is `signed`, our
    JSON. Later answers come to the chat at `address`; without one, there are none."""

    name: str
    hint: str = ""
    description: str = ""
    signed: bool = False
    address: str = ""


class OutgoingWebhook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`rooms` are names; None is every public room. `events` are names of payloads.py. With
    `from_bots`, also what bots do. Answers are posted by the account with the id `replies_as`; None
    ignores them; they mention everybody only if it `calls_all`. It sends by the rights of the admin
    with the id `made_by`, who made it or changed it last; "" is the command line."""

    title: str
    url: str
    rooms: list[str] | None = None
    events: list[str]
    keys: list[SigningKey]
    from_bots: bool = False
    replies_as: str | None = None
    calls_all: bool = False
    command: WebhookCommand | None = None
    made_by: str
    made_at: str
    start: Start
    paused: bool = False
    off: SwitchedOff | None = None

    @property
    def is_on(self) -> bool:
        return not self.paused and self.off is None


class WebhookPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a webhook is: up to the record `n`, since the start with this `serial`. The record
    `failing` was refused `attempts` times, the first time at `first_at`, the last time with the
    `problem`; it is tried again at `next_at`."""

    serial: int
    n: int
    failing: int = 0
    attempts: int = 0
    first_at: str = ""
    next_at: str = ""
    problem: str = ""


class WebhookRows:
    """The rows by the ids of the webhooks."""

    def __init__(self, store: TableStore) -> None:
        self.table = store.table(TABLE, OutgoingWebhook)
        self.places = store.table(PLACES, WebhookPlace)
        self.attempts = store.table(ATTEMPTS, KeptDeliveries)

    def all(self) -> dict[str, OutgoingWebhook]:
        """By title."""
        return dict(sorted(self.table.items(), key=lambda one: (one[1].title.casefold(), one[0])))

    def change(
        self, id: str, old: OutgoingWebhook | None, new: OutgoingWebhook, *others: Change
    ) -> Future[None]:
        return self.table.write(self.table.change(id, new, expected=old), *others)

    def remove(self, id: str, old: OutgoingWebhook, *others: Change) -> Future[None]:
        return self.table.write(
            *others,
            self.table.change(id, None, expected=old),
            self.places.change(id, None),
            *(self.attempts.change(key, None) for key in (id, id + BY_HAND)),
        )

    def keep_places(self, places: dict[str, WebhookPlace]) -> Future[None]:
        """Of webhooks that are still there."""
        changes: list[Change] = [
            self.places.change(id, place) for id, place in places.items() if id in self.table
        ]
        return self.places.write(*changes)
