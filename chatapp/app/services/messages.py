"""The services of messages: what people post, and what belongs to a message."""

import secrets
from functools import cached_property

from chatapp.app.incoming_webhooks import make_incoming_hooks
from chatapp.app.services.files import FileServices
from chatapp.client.terminal.commands import HELP
from chatapp.delivery.other_rooms import without_other_rooms
from chatapp.domain import clock
from chatapp.domain.future import Future
from chatapp.domain.model import Event, FileInfo, Person
from chatapp.features.forwarding.manager import ForwardManager
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.incoming_webhooks.rows import IncomingHookRows
from chatapp.features.messages.manager import MessageManager
from chatapp.features.pins.manager import PinManager
from chatapp.features.polls.manager import PollManager
from chatapp.features.previews.manager import PreviewManager
from chatapp.features.rooms.room_descriptions import RoomDescriptions
from chatapp.features.saved.manager import SavedManager
from chatapp.features.saved.rows import SavedRows
from chatapp.features.scheduled.manager import ScheduledManager
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.features.slash_commands.rows import CommandRows
from chatapp.features.statuses.out_of_office import OutOfOffice
from chatapp.features.threads.follows import Follows
from chatapp.features.threads.manager import ThreadManager
from chatapp.features.threads.moving import MessageMover
from chatapp.web.waiting import in_greenlet, wait

SCHEDULED_ID_BYTES = 12
FORWARD_ID_BYTES = 12


class MessageServices(FileServices):
    @cached_property
    def follows(self) -> Follows:
        return Follows(self.directory, self.short_lived)

    @cached_property
    def threads(self) -> ThreadManager:
        return ThreadManager(
            self.follows,
            self.log,
            rooms=self.rooms,
            is_in=self.memberships.is_in,
            names=self.accounts.registry.names,
        )

    @cached_property
    def polls(self) -> PollManager:
        return PollManager(
            self.log,
            rooms=self.rooms,
            rules=self.moderation,
            pace=self.pace,
            decisions=self.decisions,
            is_in=self.memberships.is_in,
            check_stay=self.check_stay,
            clock=clock.now,
            secret=self.infrastructure.secret,
        )

    @cached_property
    def messages(self) -> MessageManager:
        return MessageManager(
            self.log,
            rooms=self.rooms,
            rules=self.moderation,
            pace=self.pace,
            decisions=self.decisions,
            shown_like=self.accounts.registry.shown_like,
            max_text_bytes=self.max_text_bytes,
            is_in=self.memberships.is_in,
            check_stay=self.check_stay,
            attachments=self.attachments,
            with_marks=self.threads.with_marks,
            reaction=self.emoji.reaction,
            with_own_votes=self.polls.with_own,
            as_told=self._as_told,
            removed_to=self.retention.removed_to,
        )

    def _as_told(self, person: Person, room: str, events: list[Event]) -> list[Event]:
        told = self.polls.told_to(person, room, events)
        knows_rooms = self.rooms.sees_every_public_room(person)
        return told if knows_rooms else list(map(without_other_rooms, told))

    @cached_property
    def pins(self) -> PinManager:
        return PinManager(
            self.log,
            rooms=self.rooms,
            check_change=self.moderation.check_change,
            is_in=self.memberships.is_in,
            decisions=self.decisions,
            pace=self.pace,
            check_stay=self.check_stay,
        )

    @cached_property
    def forwarding(self) -> ForwardManager:
        return ForwardManager(
            self.log,
            rooms=self.rooms,
            room=self.rooms.any,
            rules=self.moderation,
            copies=self.file_copies,
            decisions=self.decisions,
            is_in=self.memberships.is_in,
            new_id=lambda: secrets.token_urlsafe(FORWARD_ID_BYTES),
            pace=self.pace,
            check_stay=self.check_stay,
            max_text_bytes=self.max_text_bytes,
        )

    @cached_property
    def mover(self) -> MessageMover:
        return MessageMover(
            self.log,
            self.room_moves,
            rooms=self.rooms,
            rules=self.moderation,
            is_in=self.memberships.is_in,
            pace=self.pace,
            check_stay=self.check_stay,
        )

    @cached_property
    def scheduled(self) -> ScheduledManager:
        return ScheduledManager(
            self.scheduled_rows,
            check=self.messages.check,
            file=self.attachments.info,
            clock=clock.now,
            new_id=lambda: secrets.token_hex(SCHEDULED_ID_BYTES),
        )

    @cached_property
    def saved_rows(self) -> SavedRows:
        return SavedRows(self.directory, self.short_lived)

    @cached_property
    def saved(self) -> SavedManager:
        return SavedManager(
            self.saved_rows, self.log.message, find_room=self.rooms.find, clock=clock.now
        )

    @cached_property
    def commands(self) -> SlashCommandManager:
        return SlashCommandManager(
            CommandRows(self.directory, self.short_lived),
            find_room=self.rooms.find,
            may_see=self.rooms.may_see,
            is_in=self.memberships.is_in,
            account=self.accounts.registry.by_id,
            own_names=HELP,
            note=self.audit,
            clock=clock.now,
        )

    @cached_property
    def hook_rows(self) -> IncomingHookRows:
        return IncomingHookRows(self.directory)

    @cached_property
    def incoming_hooks(self) -> IncomingHookManager:
        return make_incoming_hooks(
            self.infrastructure,
            self.hook_rows,
            self.accounts,
            self.bots,
            self.rooms,
            post=self.messages.post,
            check_stay=self.check_stay,
            max_text_bytes=self.max_text_bytes,
            limits=self.limits,
            audit=self.audit,
        )

    @cached_property
    def previews(self) -> PreviewManager:
        def keep_image(image: bytes, event: Event) -> Future[FileInfo | None]:
            by = event.by or event.sender
            return in_greenlet(
                lambda: wait(self.files.keep_picture(by, image, event.room, event.seq))
            )

        previews = PreviewManager(
            self.log,
            self.infrastructure.outbound.page,
            is_on=lambda: self.settings.now.previews == "on",
            room=self.rooms.any,
            decisions=self.decisions,
            keep_image=keep_image,
            allowed=lambda: self.infrastructure.config.outbound_hosts,
        )
        self.log.feed.subscribe(previews.hear)
        return previews

    @cached_property
    def out_of_office(self) -> OutOfOffice:
        return OutOfOffice(
            room=self.rooms.any,
            may_see=self.rooms.may_see,
            mentioned_keys=self.mentioned_keys,
            find=self.account_or_online,
            status_of=self.status_rows.of,
            profiles=self.profiles.of,
        )

    @cached_property
    def descriptions(self) -> RoomDescriptions:
        return RoomDescriptions(
            self.rooms,
            self.memberships,
            self.presence,
            unread=self.reading.all_unread,
            head=self.log.head,
            last_at=self.log.last_at,
            accounts=self.accounts.registry.count,
            pins=self.pins.seqs,
            epoch=lambda: self.log.epoch,
            retention_days=self.retention.days,
            is_published=self.published.is_published,
        )
