"""Pages without a server: an app of accounts and console, and a browser without a screen."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from unittest.mock import Mock, patch

from flask import Flask, session
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from chatapp.admin.actions import AdminActions, EveryRoom
from chatapp.admin.erasure_queue import ErasureQueue
from chatapp.admin.files import FileCatalogue
from chatapp.admin.integrity_checks import IntegrityChecks
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.outgoing_webhooks import WebhookConsole
from chatapp.admin.private_rooms import Viewings
from chatapp.admin.views.console import admin_blueprint
from chatapp.admin.views.overview import ServerStatus
from chatapp.alone import LocalLease
from chatapp.blobs.folder import FolderBlobs
from chatapp.config import Config
from chatapp.domain.future import Future
from chatapp.domain.model import Room
from chatapp.features.accounts.invitations.first_invite import FIRST_INVITE_USES
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.people_directory import PeopleDirectory
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.accounts.views import accounts_blueprint
from chatapp.features.bots.manager import BotManager
from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.features.checkpoints.views import checkpoints_blueprint
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.limits import FileLimits
from chatapp.features.files.manager import FileManager
from chatapp.features.files.model import TABLE as FILES_TABLE
from chatapp.features.files.model import StoredFile
from chatapp.features.files.pictures import Pictures
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.messages.decisions import Decisions
from chatapp.features.messages.manager import MessageManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.moderation.timed_decisions import TimedDecisions
from chatapp.features.moderation.views import moderation_blueprint
from chatapp.features.outgoing_webhooks.deliveries import DeliveryLog
from chatapp.features.outgoing_webhooks.manager import OutgoingWebhooks
from chatapp.features.outgoing_webhooks.rows import WebhookRows
from chatapp.features.outgoing_webhooks.signing import SealedSecrets
from chatapp.features.presence.last_seen import LastSeen
from chatapp.features.published.manager import PublishedRooms
from chatapp.features.retention.manager import RetentionManager
from chatapp.features.retention.runs import RetentionRuns
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.features.settings.manager import SettingsManager
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.features.slash_commands.rows import CommandRows
from chatapp.features.statuses.manager import StatusManager
from chatapp.features.statuses.rows import StatusRows
from chatapp.log.latency import Latency
from chatapp.log.signed_checkpoint import Signing
from chatapp.resources import STATIC, TEMPLATES
from chatapp.tables.short_lived import ShortLivedTables
from chatapp.tables.table import Table
from chatapp.upkeep.erase import Erased
from chatapp.upkeep.key_rotation import rotated
from chatapp.upkeep.signing import NewCheckpoints
from chatapp.web import install_web
from chatapp.web.csrf import masked
from chatapp.web.render_queue import RenderQueue
from chatapp.web.threads import ThreadsOfFiles
from tests.support.accounts import PASSWORD, Clock, MemoryDirectory, Notes

PUBLIC_ROOMS = ("tea",)


class Alone(RenderQueue):
    """Each page is made at once: whoever is alone waits for nobody, and holds nobody up."""

    def take(self, network: str) -> bool:
        return True


class Compiled(BytecodeCache):
    """Templates are compiled once for all apps; that takes longer than most tests of them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = Compiled()


@contextmanager
def quick_pages() -> Iterator[None]:
    """Apps that are made meanwhile do not wait for turns, and share their compiled templates."""
    options = {**Flask.jinja_options, "bytecode_cache": _compiled}
    with (
        patch("chatapp.web.render_queue.RenderQueue", Alone),
        patch.object(Flask, "jinja_options", options),
    ):
        yield


def make_app(
    accounts: AccountManager,
    log: Any = None,
    audit: Any = None,
    *,
    disconnect_banned: Callable[[], None] = lambda: None,
    data: Path = Path("data"),
    here: tuple[str, ...] = (),
    failure: str | None = None,
    maintenance: Maintenance | None = None,
) -> Flask:
    """`here` are the names of people who are in the chat; the console needs `log` and `data`."""
    app = Flask("chatapp", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.secret_key = "a key for tests"
    with quick_pages():
        install_web(app)
    maintenance = maintenance or make_care()
    app.context_processor(lambda: {"place": maintenance.settings.now})
    app.register_blueprint(checkpoints_blueprint(maintenance.checkpoints))
    people = PeopleManager(accounts.registry, Notes())
    profiles = ProfileManager(accounts.registry, Notes())
    app.register_blueprint(
        accounts_blueprint(
            accounts,
            profiles,
            people=lambda: len(here),
            is_free=lambda name, _key: name not in here,
            invite=lambda owner: people.invite(owner, uses=FIRST_INVITE_USES),
        )
    )
    moderation = _moderation(accounts)
    statuses = _statuses(accounts, moderation)
    app.register_blueprint(moderation_blueprint(lambda: accounts.person_of(session), moderation))
    rooms = _rooms(accounts)
    actions = _admin_actions(log, rooms, moderation)
    files_table = MemoryDirectory().table(FILES_TABLE, StoredFile)
    webhooks = _webhooks(accounts, rooms)
    limits = FileLimits(
        files_table, lambda: maintenance.settings.now, folder=data, free_bytes=lambda: None
    )
    app.register_blueprint(
        admin_blueprint(
            log,
            audit,
            accounts,
            people,
            moderation,
            bots=BotManager(
                accounts.registry,
                Notes(),
                create=accounts.create_bot,
                rooms=rooms,
                memberships=Memberships(MemoryDirectory()),
            ),
            commands=_commands(accounts, rooms),
            profiles=profiles,
            statuses=statuses,
            remove_photo=lambda _by, _name: Future.of(None),
            roster=_roster(accounts, rooms, here, statuses.rows),
            actions=actions,
            catalogue=FileCatalogue(files_table, log, limits),
            files=_files(files_table, limits, log, rooms, data),
            emoji=_emoji(),
            viewings=Viewings(
                actions.rooms.all,
                Notes(),
                rooms_in_log=lambda: log.heads().keys(),
                tell=lambda _room: None,
                opened=ShortLivedTables().table("viewings", float),
                now=time.time,
            ),
            published=_published(rooms),
            incoming_hooks=Mock(spec=IncomingHookManager, all=lambda: []),
            webhooks=webhooks,
            maintenance=maintenance,
            here=lambda _room: len(here),
            disconnect_banned=disconnect_banned,
            status=lambda: ServerStatus(people_here=len(here), failure=failure),
            clock=Clock(),
            data=data,
        )
    )

    app.extensions["moderation"] = moderation
    app.extensions["statuses"] = statuses
    app.extensions["webhooks"] = webhooks

    @app.get("/")
    def whoami() -> str:
        person = accounts.person_of(session)
        return f"{person.role} {person.name}" if person else "nobody"

    return app


def _emoji() -> EmojiManager:
    directory = MemoryDirectory()
    return EmojiManager(
        EmojiRows(directory),
        Mock(spec_set=["claim", "unclaim", "release"]),
        makers=lambda: "members",
        standard=frozenset,
        clock=Clock(),
    )


def _files(
    table: Table[StoredFile], limits: FileLimits, log: Any, rooms: RoomManager, data: Path
) -> FileManager:
    return FileManager(
        table,
        FileAttachments(table, log.message if log else lambda _room, _seq: None),
        limits,
        FolderBlobs(data / "files"),
        Pictures(),
        folder=data,
        threads=ThreadsOfFiles(),
        rooms=rooms,
        message=log.message if log else lambda _room, _seq: None,
        clock=Clock(),
        new_id=lambda: "a file",
    )


def _moderation(accounts: AccountManager) -> ModerationManager:
    return ModerationManager(
        Notes(),
        mutes=TimedDecisions(MemoryDirectory(), "mutes", time.time),
        bans=TimedDecisions(MemoryDirectory(), "bans", time.time),
        account_of=accounts.registry.named,
        require_another_owner=accounts.registry.require_another_owner,
    )


def _statuses(accounts: AccountManager, moderation: ModerationManager) -> StatusManager:
    return StatusManager(
        StatusRows(MemoryDirectory(), clock=Clock()),
        Notes(),
        account=accounts.registry.find,
        check_unmuted=moderation.check_unmuted,
        tell=lambda _id, _name: None,
        clock=Clock(),
    )


def _commands(accounts: AccountManager, rooms: RoomManager) -> SlashCommandManager:
    return SlashCommandManager(
        CommandRows(MemoryDirectory(), ShortLivedTables()),
        find_room=rooms.find,
        may_see=rooms.may_see,
        is_in=lambda _id, _room: True,
        account=accounts.registry.by_id,
        own_names=(),
        note=Notes(),
        clock=Clock(),
    )


def _rooms(accounts: AccountManager) -> RoomManager:
    """With some that everybody may enter."""
    directory = MemoryDirectory()
    for name in PUBLIC_ROOMS:
        directory.table("rooms", Room).put(name, Room(name=name, title=name.title()))
    return RoomManager(directory, clock=Clock(), account_of=accounts.registry.named)


def _roster(
    accounts: AccountManager, rooms: RoomManager, here: tuple[str, ...], statuses: StatusRows
) -> PeopleDirectory:
    return PeopleDirectory(
        accounts.registry,
        LastSeen(MemoryDirectory(), clock=Clock(), later=lambda _seconds, _step: None),
        find_room=rooms.find,
        is_in=lambda _id, room: room.name == "general",
        state_of=lambda name: "online" if name in here else None,
        members=lambda _room, *, after, limit: list(here),
        person=lambda _name: None,
        photo_of=lambda _id: "",
        status_of=statuses.of,
    )


def _admin_actions(log: Any, rooms: RoomManager, moderation: ModerationManager) -> AdminActions:
    messages = MessageManager(
        log,
        rooms=EveryRoom(rooms),
        rules=moderation,
        pace=None,
        decisions=Decisions(),
        is_in=lambda _id, _room: True,
    )
    return AdminActions(
        rooms,
        messages,
        Notes(),
        tell_room=lambda _room: None,
    )


def _webhooks(accounts: AccountManager, rooms: RoomManager) -> WebhookConsole:
    rows = WebhookRows(MemoryDirectory())
    manager = OutgoingWebhooks(
        rows,
        find_room=lambda _by, name: rooms.any(name),
        room=rooms.any,
        is_bot=accounts.registry.is_bot,
        tip=lambda: 0,
        secrets=SealedSecrets(b"secret", os.urandom),
        randomness=os.urandom,
        allowed=frozenset,
        clock=Clock(),
        note=Notes(),
    )
    by_hand = Mock(spec_set=["test", "again"])
    return WebhookConsole(
        manager, by_hand, DeliveryLog(rows.attempts, lambda _seconds, _step: None)
    )


def _published(rooms: RoomManager) -> PublishedRooms:
    return PublishedRooms(
        MemoryDirectory(),
        None,
        room=rooms.any,
        is_on=lambda: False,
        removed_to=lambda _room: 0,
        clock=Clock(),
        note=Notes(),
    )


def make_care(
    *,
    config: Config | None = None,
    erase: Callable[..., Erased] = lambda _wanted, _when, _told: Erased(),
    check: Callable[..., dict[str, object]] = lambda _told: {"records": 3, "bytes": 900},
    spawn: Callable[..., object] = lambda step: step(),
    notes: Notes | None = None,
    directory: MemoryDirectory | None = None,
    sign: Callable[[Signing], NewCheckpoints] = lambda _asked: NewCheckpoints([], ""),
) -> Maintenance:
    """What is done aside is done at once, unless `spawn` does otherwise; nothing is done later."""
    directory, notes = directory or MemoryDirectory(), notes if notes is not None else Notes()
    return Maintenance(
        SettingsManager(config or Config(), directory, notes),
        ErasureQueue(directory, notes, erase=erase, spawn=spawn, clock=Clock(), lease=LocalLease()),
        IntegrityChecks(
            directory,
            check=check,
            later=lambda seconds, step: None if seconds else spawn(step),
            clock=Clock(),
        ),
        Latency(),
        make_checkpoints(directory, notes, sign),
        retention := _retention(directory, notes),
        RetentionRuns(
            directory,
            retention,
            erase=lambda _up_to: Future.of(None),
            has_failed=lambda: False,
            lease=LocalLease(),
            clock=Clock(),
            later=lambda _seconds, _step: None,
            wait=Future.result,
        ),
    )


def make_checkpoints(
    directory: MemoryDirectory, notes: Notes, sign: Callable[[Signing], NewCheckpoints]
) -> CheckpointManager:
    return CheckpointManager(
        directory,
        sign=sign,
        rotate=rotated,
        new_seed=lambda: "11" * 32,
        lease=LocalLease(),
        clock=Clock(),
        later=lambda _seconds, _step: None,
        wait=Future.result,
        note=notes,
    )


def _retention(directory: MemoryDirectory, notes: Notes) -> RetentionManager:
    return RetentionManager(
        directory,
        None,
        room=lambda name: Room(name=name, title=name),
        all_days=lambda: 0,
        clock=Clock(),
        note=notes,
    )


class Browser:
    """A visitor with cookies, who fills in the forms that pages have; `site` is where they do."""

    def __init__(
        self, app: Flask, address: str = "192.0.2.1", site: str = "http://localhost"
    ) -> None:
        self.http: FlaskClient = app.test_client()
        self._site = site
        self._from = {"REMOTE_ADDR": address}

    def sign_in(self, name: str) -> Self:
        answer = self.submit("/login", name=name, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        request = {"environ_base": self._from, "base_url": self._site, **options}
        return self.http.get(path, buffered=True, **request)

    def post(self, path: str, fields: dict[str, str], **options: Any) -> TestResponse:
        """A form as it stands, also without a token."""
        request = {"environ_base": self._from, "base_url": self._site, **options}
        return self.http.post(path, data=fields, buffered=True, **request)

    def submit(self, path: str, **fields: str) -> TestResponse:
        """A form with its token."""
        return self.post(path, {"csrf_token": self.token, **fields})

    @property
    def token(self) -> str:
        """The token that the forms of every page have for this visitor, error pages too."""
        self.get("/no such page")
        return masked(self.cookie["csrf"])

    @property
    def cookie(self) -> dict[str, Any]:
        """What the session cookie says."""
        with self.http.session_transaction(base_url=self._site) as session:
            return dict(session)

    @property
    def who(self) -> str:
        return self.get("/").text
