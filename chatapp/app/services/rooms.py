"""The services of rooms: who is in them, what is unread there, what they keep and show."""

from functools import cached_property, partial

import gevent

from chatapp.alone import SingleNode
from chatapp.app.services.people import PeopleServices
from chatapp.domain import clock
from chatapp.domain.rates import PersonPace, Rate
from chatapp.features.accounts.people_directory import PeopleDirectory
from chatapp.features.bots.manager import BotManager
from chatapp.features.presence import events as presence_events
from chatapp.features.presence.guest_names import GuestNames
from chatapp.features.presence.remote_presence import RemotePresence
from chatapp.features.presence.several_processes import SeveralProcesses, SingleProcess
from chatapp.features.published.manager import PublishedRooms
from chatapp.features.reading.inbox import Inbox
from chatapp.features.reading.manager import ReadingManager
from chatapp.features.reading.notifications import NotificationRules
from chatapp.features.reading.outsiders import Outsiders
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.features.threads.room_moves import RoomMoves
from chatapp.ports import Presence
from chatapp.text.tokens import mentioned_keys

ROOM_MAKERS_AN_ADDRESS = 3
"""An address can create as many rooms as this number of people."""
ROOM_CHANGES = Rate(burst=60, per_second=0.5)
"""How often a person can change rooms and their members."""


class RoomServices(PeopleServices):
    @cached_property
    def room_pace(self) -> PersonPace:
        return PersonPace(
            self.infrastructure.config.room_rate, "new rooms", limiter=self.limits.limiter
        )

    @cached_property
    def rooms(self) -> RoomManager:
        is_limited = self.infrastructure.config.message_rate is not None
        return RoomManager(
            self.directory,
            clock=clock.now,
            account_of=self.accounts.registry.named,
            limits_of=self.accounts.registry.limits_of,
            check_unmuted=self.moderation.check_unmuted,
            pace=self.room_pace,
            makers=lambda: self.settings.now.room_makers,
            note=self.audit,
            changes=PersonPace(ROOM_CHANGES, "changes of rooms") if is_limited else None,
        )

    @cached_property
    def memberships(self) -> Memberships:
        return Memberships(self.directory, self.short_lived)

    @cached_property
    def retention(self) -> RetentionManager:
        return RetentionManager(
            self.directory,
            self.log,
            room=self.rooms.any,
            all_days=lambda: self.settings.now.retention_days,
            clock=clock.now,
            note=self.audit,
        )

    @cached_property
    def published(self) -> PublishedRooms:
        return PublishedRooms(
            self.directory,
            self.log,
            room=self.rooms.any,
            is_on=lambda: self.settings.now.web_rooms == "on",
            removed_to=self.retention.removed_to,
            clock=clock.now,
            note=self.audit,
        )

    @cached_property
    def room_moves(self) -> RoomMoves:
        return RoomMoves(self.directory, self.log, room=self.rooms.any)

    @cached_property
    def reading(self) -> ReadingManager:
        return ReadingManager(
            self.memberships,
            self.log,
            self.accounts.registry.names,
            removed_to=self.retention.removed_to,
        )

    @cached_property
    def inbox(self) -> Inbox:
        return Inbox(
            self.reading,
            self.memberships,
            self.log,
            visible_to=self.rooms.visible_to,
            clock=clock.now,
        )

    @cached_property
    def notifications(self) -> NotificationRules:
        return NotificationRules(self.directory, self.short_lived)

    @cached_property
    def outsiders(self) -> Outsiders:
        return Outsiders(
            self.reading,
            room=self.rooms.any,
            mentioned_keys=self.mentioned_keys,
            find=self.account_or_online,
            is_in=self.memberships.is_in,
            may_see=self.rooms.may_see,
            connections=self.presence.connections,
        )

    @cached_property
    def roster(self) -> PeopleDirectory:
        return PeopleDirectory(
            self.accounts.registry,
            self.last_seen,
            find_room=self.rooms.find,
            is_in=self.memberships.is_in,
            state_of=self.presence.state_of,
            members=self.presence.members,
            person=self.presence.person,
            status_of=self.status_rows.of,
            photo_of=self.photo_rows.of,
        )

    @cached_property
    def bots(self) -> BotManager:
        return BotManager(
            self.accounts.registry,
            self.audit,
            create=self.accounts.create_bot,
            rooms=self.rooms,
            memberships=self.memberships,
            expel=partial(presence_events.expel, self.realtime),
            shown=self.profiles.tell,
        )

    @cached_property
    def processes(self) -> Presence:
        nodes = self.infrastructure.nodes
        if isinstance(nodes, SingleNode):
            return SingleProcess(self._gone)
        remote_presence = RemotePresence(
            self.presence,
            self.infrastructure.broker,
            nodes.own,
            later=gevent.spawn_later,
            departed=self.last_seen.note_elsewhere,
        )
        self.realtime.on_stop(remote_presence.stop)
        guest_names = GuestNames(
            self.directory,
            nodes.own,
            lambda: nodes.others,
            person=self.presence.person_here,
            lost=partial(presence_events.take_guest_name, self.realtime),
            begins=self._gone,
            later=gevent.spawn_later,
        )
        return SeveralProcesses(remote_presence, guest_names, self.short_lived.reach)

    def mentioned_keys(self, text: str) -> frozenset[str]:
        return mentioned_keys(text, self.accounts.registry.names)

    def _gone(self, id: str) -> None:
        self.memberships.gone(id)
        self.statuses.gone(id)
