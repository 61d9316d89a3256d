"""Pages without a server: an app of accounts and console, and a browser without a screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from chatapp.accounts.first_invite import FIRST_INVITE_USES
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager
from chatapp.accounts.roster import Roster
from chatapp.accounts.views import accounts_blueprint
from chatapp.admin.care import Care
from chatapp.admin.checkups import Checkups
from chatapp.admin.erasures import Erasures
from chatapp.admin.overview_views import Vitals
from chatapp.admin.upkeep import EveryRoom, Upkeep
from chatapp.admin.views import admin_blueprint
from chatapp.config import Config
from chatapp.files import STATIC, TEMPLATES
from chatapp.messages.deletions import Deletions
from chatapp.messages.manager import MessageManager
from chatapp.moderation.manager import ModerationManager
from chatapp.moderation.views import moderation_blueprint
from chatapp.presence.last_seen import LastSeen
from chatapp.rooms.manager import RoomManager
from chatapp.settings.manager import SettingsManager
from chatapp.settings.views import show_place
from chatapp.storage import Latency
from chatapp.web import install_web
from chatapp.web.csrf import masked
from tests.support.accounts import PASSWORD, Clock, MemoryDirectory, Notes


def make_app(
    accounts: AccountManager,
    log: Any = None,
    audit: Any = None,
    *,
    show_out: Callable[[], None] = lambda: None,
    data: Path = Path("data"),
    here: tuple[str, ...] = (),
    failure: str | None = None,
    care: Care | None = None,
) -> Flask:
    """`here` are the names of people who are in the chat; the console needs `log` and `data`."""
    app = Flask("chatapp", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.secret_key = "a key for tests"
    install_web(app)
    care = care or make_care()
    show_place(app, care.settings)
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
    app.register_blueprint(moderation_blueprint(lambda: accounts.person_of(session), moderation))
    rooms = RoomManager(MemoryDirectory(), clock=Clock(), account_name=accounts.registered_name)
    app.register_blueprint(
        admin_blueprint(
            log,
            audit,
            accounts,
            people,
            moderation,
            profiles=profiles,
            roster=_roster(accounts, rooms, here),
            upkeep=_upkeep(log, rooms, moderation),
            care=care,
            here=lambda _room: len(here),
            show_out=show_out,
            vitals=lambda: Vitals(people_here=len(here), failure=failure),
            clock=Clock(),
            data=data,
        )
    )

    app.extensions["moderation"] = moderation

    @app.get("/")
    def whoami() -> str:
        person = accounts.person_of(session)
        return f"{person.role} {person.name}" if person else "nobody"

    return app


def _moderation(accounts: AccountManager) -> ModerationManager:
    return ModerationManager(
        MemoryDirectory(),
        Notes(),
        role_of=accounts.role_of,
        in_charge=lambda _person, _room: False,
    )


def _roster(accounts: AccountManager, rooms: RoomManager, here: tuple[str, ...]) -> Roster:
    return Roster(
        accounts.registry,
        LastSeen(MemoryDirectory(), clock=Clock(), later=lambda _seconds, _step: None),
        find_room=rooms.find,
        has_joined=lambda _key, _room: False,
        state_of=lambda name: "online" if name in here else None,
    )


def _upkeep(log: Any, rooms: RoomManager, moderation: ModerationManager) -> Upkeep:
    messages = MessageManager(
        log, rooms=EveryRoom(rooms), rules=moderation, pace=None, deletions=Deletions()
    )
    return Upkeep(
        rooms,
        messages,
        Notes(),
        tell_event=lambda _event: None,
        tell_room=lambda _room: None,
    )


def make_care(
    *,
    config: Config | None = None,
    erase: Callable[..., int] = lambda _wanted, _when, _told: 0,
    check: Callable[..., dict[str, object]] = lambda _told: {"records": 3, "bytes": 900},
    spawn: Callable[..., object] = lambda step: step(),
    notes: Notes | None = None,
    directory: MemoryDirectory | None = None,
) -> Care:
    """What is done aside is done at once, unless `spawn` does otherwise; nothing is done later."""
    directory, notes = directory or MemoryDirectory(), notes if notes is not None else Notes()
    return Care(
        SettingsManager(config or Config(), directory, notes),
        Erasures(directory, notes, erase=erase, spawn=spawn, clock=Clock()),
        Checkups(
            directory,
            check=check,
            later=lambda seconds, step: None if seconds else spawn(step),
            clock=Clock(),
        ),
        Latency(),
    )


class Browser:
    """A visitor with cookies, who fills in the forms that pages have."""

    def __init__(self, app: Flask, address: str = "192.0.2.1") -> None:
        self.http: FlaskClient = app.test_client()
        self._from = {"REMOTE_ADDR": address}

    def sign_in(self, name: str) -> Self:
        answer = self.submit("/login", name=name, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get(path, environ_base=self._from, buffered=True, **options)

    def post(self, path: str, fields: dict[str, str], **options: Any) -> TestResponse:
        """A form as it stands, also without a token."""
        return self.http.post(path, data=fields, environ_base=self._from, buffered=True, **options)

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
        with self.http.session_transaction() as session:
            return dict(session)

    @property
    def who(self) -> str:
        return self.get("/").text
