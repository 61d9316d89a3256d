"""The commands for a data folder that no server is using."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from chatapp.admin.commands import admin_commands
from chatapp.alone import SingleNode
from chatapp.app.incoming_webhooks import SECRET_BYTES, making_bots
from chatapp.app.infrastructure import open_blobs
from chatapp.client.terminal.commands import HELP
from chatapp.config import Config
from chatapp.control.server import Commands
from chatapp.domain import clock
from chatapp.domain.errors import Unavailable
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_TEXT_BYTES
from chatapp.domain.model import Appended, Person, Via
from chatapp.domain.rates import RateLimiter
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.accounts.sign_in.attempts import LoginAttempts
from chatapp.features.accounts.sign_in.passwords import Passwords
from chatapp.features.audit.manager import Audit
from chatapp.features.bots.commands import bot_commands
from chatapp.features.bots.manager import BotManager
from chatapp.features.checkpoints.commands import checkpoint_commands
from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.features.emoji.commands import emoji_commands
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.emoji.standard import standard_names
from chatapp.features.files.keeping import SharedBytes
from chatapp.features.files.model import TABLE, StoredFile
from chatapp.features.files.pictures import Pictures
from chatapp.features.files.small_pictures import SmallPictures
from chatapp.features.incoming_webhooks.commands import incoming_webhook_commands
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.incoming_webhooks.rows import IncomingHookRows
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.timed_decisions import TimedDecisions, of_account
from chatapp.features.outgoing_webhooks.commands import outgoing_webhook_commands
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks
from chatapp.features.outgoing_webhooks.rows import WebhookRows
from chatapp.features.outgoing_webhooks.signing import SealedSecrets
from chatapp.features.photos.commands import photo_commands
from chatapp.features.photos.manager import PhotoManager
from chatapp.features.photos.rows import PhotoRows
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.published.commands import published_commands
from chatapp.features.published.manager import PublishedRooms
from chatapp.features.reading.notifications import NotificationRules
from chatapp.features.retention.commands import retention_commands
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.rooms.commands import room_commands
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.features.saved.rows import SavedRows
from chatapp.features.scheduled.rows import ScheduledRows
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.features.slash_commands.rows import CommandRows
from chatapp.features.statuses.manager import StatusManager
from chatapp.features.statuses.rows import StatusRows
from chatapp.features.threads.follows import Follows
from chatapp.log.signed_checkpoint import SEED_BYTES
from chatapp.protocol.requests import Post
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.upkeep.signing import rotate_beside, sign_beside
from chatapp.web.waiting import wait

READING = frozenset(
    f"{what}.list" for what in ("bot", "emoji", "hook", "room", "token", "user", "webhook")
) | {"audit", "bot.show"}
"""The commands that change nothing, which copies of a database allow."""


@contextmanager
def offline(config: Config, command: str) -> Iterator[Commands]:
    """For running this command. Raises StorageError if the folder does not allow it."""
    only_reads = command in READING
    with (
        closing(DataFolder.open(config.data, only_reads=only_reads)) as data,
        closing(
            Directory.open(data.directory, clock=clock.now, compacts=not only_reads)
        ) as directory,
        closing(MessageLog.open(data.audit, index=data.audit_index)) as log,
    ):
        audit = Audit(log)
        mutes, bans = (TimedDecisions(directory, table, time.time) for table in ("mutes", "bans"))
        accounts = AccountManager(
            directory,
            Passwords(run=lambda function, arguments: function(*arguments)),
            LoginAttempts(),
            access=lambda: config.access,
            clock=clock.now,
            secret=lambda: secrets.token_urlsafe(32),
            is_banned=lambda id: bans.in_force(of_account(id)) is not None,
            ban_unchanged=lambda id: bans.unchanged(of_account(id)),
            note=audit,
        )
        rooms = RoomManager(
            directory,
            clock=clock.now,
            account_of=accounts.registry.named,
            limits_of=accounts.registry.limits_of,
            note=audit,
        )
        moderation = ModerationManager(
            audit,
            mutes=mutes,
            bans=bans,
            account_of=accounts.registry.named,
            require_another_owner=accounts.registry.require_another_owner,
        )
        statuses = StatusManager(
            StatusRows(directory, clock=clock.now),
            audit,
            account=accounts.registry.find,
            check_unmuted=moderation.check_unmuted,
            tell=lambda _id, _name: None,
            clock=clock.now,
        )
        last_seen = LastSeen(directory, clock=clock.now, later=lambda _seconds, _step: None)

        def forget(id: str) -> None:
            tables = (Memberships, Follows, SavedRows, ScheduledRows, NotificationRules, PhotoRows)
            IncomingHookRows(directory).forget(id)
            for table in tables:
                table(directory).forget(id)
            for manager in (rooms, last_seen, moderation, statuses):
                manager.forget(id)

        people = PeopleManager(accounts.registry, audit, forget=forget)
        bots = BotManager(
            accounts.registry,
            audit,
            create=accounts.create_bot,
            rooms=rooms,
            memberships=Memberships(directory),
        )
        commands = admin_commands(
            accounts,
            people,
            ProfileManager(accounts.registry, audit),
            moderation,
            log,
            statuses=statuses,
            disconnect_banned=lambda: None,
            address=lambda: config.address_at(config.port),
        )
        retention = RetentionManager(
            directory,
            None,
            room=rooms.any,
            all_days=lambda: 0,
            clock=clock.now,
            note=audit,
        )
        published = PublishedRooms(
            directory,
            None,
            room=rooms.any,
            is_on=lambda: True,
            removed_to=lambda _room: 0,
            clock=clock.now,
            note=audit,
        )
        webhooks = OutgoingWebhooks(
            WebhookRows(directory),
            find_room=lambda _by, name: rooms.any(name),
            room=rooms.any,
            is_bot=accounts.registry.is_bot,
            tip=lambda: None,
            secrets=SealedSecrets(
                (config.secret_key or data.secret_key).encode(), secrets.token_bytes
            ),
            randomness=secrets.token_bytes,
            allowed=lambda: config.outbound_hosts,
            of_commands=_slash_commands(directory, accounts, rooms, audit).changes_of_webhook,
            clock=clock.now,
            note=audit,
        )
        find = accounts.registry.find
        with _picture_commands(config, directory, find, audit) as of_pictures:
            yield {
                **commands,
                **bot_commands(bots, people, lambda: config.address_at(config.port)),
                **room_commands(rooms, lambda room: room),
                **retention_commands(retention),
                **published_commands(published),
                **checkpoint_commands(_checkpoints(data, directory, audit)),
                **_hook_commands(
                    config,
                    data.secret_key,
                    directory=directory,
                    accounts=accounts,
                    bots=bots,
                    rooms=rooms,
                    audit=audit,
                ),
                **outgoing_webhook_commands(webhooks, lambda name: accounts.registry.find(name).id),
                **of_pictures,
            }


def _slash_commands(
    directory: Directory, accounts: AccountManager, rooms: RoomManager, audit: Audit
) -> SlashCommandManager:
    return SlashCommandManager(
        CommandRows(directory, ShortLivedTables()),
        find_room=rooms.find,
        may_see=rooms.may_see,
        is_in=lambda _id, _room: True,
        account=accounts.registry.by_id,
        own_names=HELP,
        note=audit,
        clock=clock.now,
    )


def _checkpoints(data: DataFolder, directory: Directory, audit: Audit) -> CheckpointManager:
    return CheckpointManager(
        directory,
        sign=partial(sign_beside, data.messages),
        rotate=rotate_beside,
        new_seed=partial(secrets.token_hex, SEED_BYTES),
        lease=SingleNode.lease,
        clock=clock.now,
        later=lambda _seconds, _step: None,
        wait=wait,
        note=audit,
    )


def _hook_commands(
    config: Config,
    secret_key: str,
    *,
    directory: Directory,
    accounts: AccountManager,
    bots: BotManager,
    rooms: RoomManager,
    audit: Audit,
) -> Commands:
    def post(person: Person, post: Post, *, via: Via | None = None) -> Future[Appended]:
        raise Unavailable("Start the server first: webhooks post to it.")

    hooks = IncomingHookManager(
        IncomingHookRows(directory),
        accounts.registry,
        room=rooms.any,
        make_bot=making_bots(bots),
        enter=bots.enter,
        post=post,
        check_stay=lambda _person: None,
        names=lambda: accounts.registry.names,
        max_text_bytes=lambda: MAX_TEXT_BYTES,
        pace=RateLimiter(None, "deliveries"),
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(SECRET_BYTES),
        server_secret=(config.secret_key or secret_key).encode(),
        note=audit,
    )
    return incoming_webhook_commands(hooks, lambda: config.address_at(config.port))


@contextmanager
def _picture_commands(
    config: Config,
    directory: Directory,
    account: Callable[[str], Account],
    audit: Audit,
) -> Iterator[Commands]:
    """Of emoji and photos."""
    with closing(open_blobs(config)) as blobs, closing(Pictures()) as pictures:
        rows, photo_rows = EmojiRows(directory), PhotoRows(directory)
        bytes = _BytesHere(
            SharedBytes(
                directory.table(TABLE, StoredFile),
                blobs,
                lambda digest: rows.has_bytes(digest) or photo_rows.has_bytes(digest),
            )
        )
        photos = PhotoManager(
            photo_rows,
            bytes,
            account=account,
            check_unmuted=lambda _person: None,
            clock=clock.now,
            note=audit,
        )
        manager = EmojiManager(
            rows,
            bytes,
            makers=lambda: "nobody",
            standard=standard_names,
            clock=clock.now,
            note=audit,
        )
        with TemporaryDirectory(dir=config.data, prefix="making-") as folder:
            made = SmallPictures(blobs, pictures, Path(folder), lambda: secrets.token_urlsafe(12))
            yield {
                **emoji_commands(manager, partial(made.keep, "emoji")),
                **photo_commands(photos, partial(made.keep, "photo")),
            }


class _BytesHere:
    def __init__(self, bytes: SharedBytes) -> None:
        self.claim = bytes.claim
        self.unclaim = bytes.unclaim
        self.release = bytes.remove_unused
