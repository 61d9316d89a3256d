"""What the clients of this process are told of rows that other processes of the chat have written.

A manager tells of its own writes. For the rows of other processes, the same is told from here, one
function for each table. What is not here needs no telling: rules read the tables when they are
asked, and settings are applied by `on_change`.
"""

from functools import partial

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.domain.emoji import EMOJI_TABLE, OwnEmoji
from chatapp.domain.model import Room
from chatapp.domain.photos import PHOTOS_TABLE, Photo
from chatapp.features.accounts.model import Account, Session
from chatapp.features.accounts.profiles import shown
from chatapp.features.accounts.sign_in.tokens import Token
from chatapp.features.moderation import events as moderation_events
from chatapp.features.moderation.timed_decisions import Decision
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.reading import events as reading_events
from chatapp.features.rooms.events import RoomEvents
from chatapp.features.rooms.memberships import Reading
from chatapp.features.saved.events import SavedTeller
from chatapp.features.saved.rows import SavedRow
from chatapp.features.scheduled.events import ScheduledTeller
from chatapp.features.scheduled.rows import ScheduledRow
from chatapp.features.statuses.rows import StatusRow
from chatapp.features.threads.events import FollowTeller
from chatapp.features.threads.follows import Follow
from chatapp.protocol.pushes import RoomOrderChange
from chatapp.protocol.values import Notifications


def tell_of_followed_rows(
    infrastructure: Infrastructure,
    services: Services,
    room_events: RoomEvents,
    subscriptions: RoomSubscriptions,
    *,
    follow_teller: FollowTeller,
    saved_teller: SavedTeller,
    scheduled_teller: ScheduledTeller,
) -> None:
    directory = infrastructure.directory
    of_people = FollowedPeople(services, room_events, subscriptions)
    directory.table("rooms", Room).on_followed(
        lambda _name, _old, new: new and room_events.tell(new)
    )
    for store in (directory, infrastructure.short_lived):
        store.table("joined", list[str]).on_followed(of_people.joined)
        store.table("reading", Reading).on_followed(of_people.reading)
        store.table("order", list[str]).on_followed(of_people.order)
        store.table("notifications", Notifications).on_followed(of_people.notifications)
        store.table("follows", Follow).on_followed(follow_teller.followed)
        store.table("saved", SavedRow).on_followed(saved_teller.followed)
        store.table("statuses", StatusRow).on_followed(of_people.status)
    directory.table(EMOJI_TABLE, OwnEmoji).on_followed(services.emoji.followed)
    directory.table(PHOTOS_TABLE, Photo).on_followed(services.photos.followed)
    directory.table("scheduled", ScheduledRow).on_followed(scheduled_teller.tell)
    of_accounts = FollowedAccounts(services)
    directory.table("accounts", Account).on_followed(of_accounts.account)
    directory.table("sessions", Session).on_followed(of_accounts.session)
    directory.table("tokens", Token).on_followed(of_accounts.token)
    close_banned = partial(
        moderation_events.close_banned, infrastructure.realtime, services.moderation
    )
    directory.table("bans", Decision).on_followed(lambda _key, _old, _new: close_banned())


class FollowedPeople:
    """Rows of people about their rooms: for their devices."""

    def __init__(
        self, services: Services, room_events: RoomEvents, subscriptions: RoomSubscriptions
    ) -> None:
        self._services = services
        self._room_events = room_events
        self._subscriptions = subscriptions

    def joined(self, id: str, old: list[str] | None, new: list[str] | None) -> None:
        if person := self._subscriptions.person(id):
            self._room_events.tell_followed(person, old or (), new or ())

    def reading(self, key: str, old: Reading | None, new: Reading | None) -> None:
        id, _, room = key.partition("\n")
        if new and (person := self._subscriptions.person(id)):
            mark = self._services.reading.unread(person, room)
            prefs = self._services.reading.prefs(room, new)
            reading_events.tell_followed(self._subscriptions, person, mark, prefs, old=old, new=new)

    def order(self, id: str, _old: list[str] | None, new: list[str] | None) -> None:
        if new is not None and (person := self._subscriptions.person(id)):
            self._subscriptions.tell(person, "order", RoomOrderChange(rooms=new))

    def notifications(self, id: str, _old: object, new: Notifications | None) -> None:
        if new is not None and (person := self._subscriptions.person(id)):
            self._subscriptions.tell(person, "notifications", new)

    def status(self, id: str, old: StatusRow | None, new: StatusRow | None) -> None:
        """What is over is told by every process itself."""
        row = new or old
        if row and (new or not self._services.statuses.rows.is_over(row)):
            self._services.profiles.tell_of(id, row.name)


class FollowedAccounts:
    """Rows about accounts: for everybody who sees them, and for their connections."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._registry = services.accounts.registry

    def account(self, _key: str, old: Account | None, new: Account | None) -> None:
        if new is None:
            if old:
                self._removed(old)
            return
        if old is None or new.display_name != old.display_name:
            self._registry.take_names(new.name, new.display_name)
        if old is None:
            return
        if shown(new) != shown(old) or new.limits != old.limits:
            self._services.profiles.tell(new)
        if new.role != old.role:
            self._registry.expel(new)

    def session(self, _sid: str, old: Session | None, new: Session | None) -> None:
        """A session that was ended, not one that was over by itself."""
        if old and new is None and not self._registry.sessions.is_over(old):
            self._expel(old.account)

    def token(self, _key: str, old: Token | None, new: Token | None) -> None:
        if old and new is None:
            self._expel(old.account)

    def _removed(self, account: Account) -> None:
        self._services.last_seen.ignore(account.id)
        self._registry.expel(account)
        self._services.people.clear_profile(account)

    def _expel(self, key: str) -> None:
        if account := self._registry.account(key):
            self._registry.expel(account)
