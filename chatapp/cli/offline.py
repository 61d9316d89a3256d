"""The commands for a data folder that no server is using."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from chatapp.admin.commands import admin_commands
from chatapp.alone import SingleNode
from chatapp.app.incoming_webhooks import SECRET_BYTES, making_bots
from chatapp.cli.offline_services import OfflineServices
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
from chatapp.features.accounts.profiles import ProfileManager
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
from chatapp.features.outgoing_webhooks.commands import outgoing_webhook_commands
from chatapp.features.photos.commands import photo_commands
from chatapp.features.photos.manager import PhotoManager
from chatapp.features.photos.rows import PhotoRows
from chatapp.features.published.commands import published_commands
from chatapp.features.retention.commands import retention_commands
from chatapp.features.rooms.commands import room_commands
from chatapp.features.rooms.manager import RoomManager
from chatapp.log.signed_checkpoint import SEED_BYTES
from chatapp.protocol.requests import Post
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep.files.opening import open_blobs
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
        secret = (config.secret_key or data.secret_key).encode()
        offline = OfflineServices(config, directory, Audit(log), secret=secret)
        accounts, rooms, audit = offline.accounts, offline.rooms, offline.audit
        find = accounts.registry.find
        with _picture_commands(config, directory, find, audit) as of_pictures:
            yield {
                **admin_commands(
                    accounts,
                    offline.people,
                    ProfileManager(accounts.registry, audit),
                    offline.moderation,
                    log,
                    statuses=offline.statuses,
                    disconnect_banned=lambda: None,
                    address=offline.address,
                ),
                **bot_commands(offline.bots, offline.people, offline.address),
                **room_commands(rooms, lambda room: room),
                **retention_commands(offline.retention),
                **published_commands(offline.published),
                **checkpoint_commands(_checkpoints(data, directory, audit)),
                **_hook_commands(
                    config,
                    data.secret_key,
                    directory=directory,
                    accounts=accounts,
                    bots=offline.bots,
                    rooms=rooms,
                    audit=audit,
                ),
                **outgoing_webhook_commands(offline.webhooks, lambda name: find(name).id),
                **of_pictures,
            }


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
