"""The console's front door: admins get in, and find their way around.

Who is not signed in is sent to do so; who is, and is no admin, is told no. What each page
does is in its own file.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Blueprint, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.manager import AccountManager
from chatapp.accounts.model import ADMINISTRATORS
from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager
from chatapp.accounts.roster import Roster
from chatapp.admin.care import Care
from chatapp.admin.erasure_views import add_erasure_pages
from chatapp.admin.invite_views import add_invite_pages
from chatapp.admin.log_views import AUDIT, MESSAGES, add_log_pages
from chatapp.admin.message_views import add_message_page
from chatapp.admin.overview_views import Vitals, add_overview_page
from chatapp.admin.people_views import PeoplePages, add_people_pages
from chatapp.admin.person_views import add_person_pages
from chatapp.admin.reading import LogReader
from chatapp.admin.room_views import add_room_pages
from chatapp.admin.setting_views import add_settings_page
from chatapp.admin.upkeep import Upkeep
from chatapp.errors import NotAllowed
from chatapp.moderation.manager import ModerationManager


def admin_blueprint(
    log: LogReader,
    audit: LogReader,
    accounts: AccountManager,
    people: PeopleManager,
    moderation: ModerationManager,
    *,
    profiles: ProfileManager,
    roster: Roster,
    upkeep: Upkeep,
    care: Care,
    here: Callable[[str], int],
    show_out: Callable[[], None],
    vitals: Callable[[], Vitals],
    clock: Callable[[], datetime],
    data: Path,
) -> Blueprint:
    """`here(room)` is how many are in a room; `show_out()` closes the connections of who is
    banned; `data` is the data folder.
    """
    admin = Blueprint("admin", __name__, url_prefix="/admin")

    @admin.before_request
    def admins_only() -> Response | None:
        account = accounts.account_of(session)
        if account is None:
            return redirect(url_for("accounts.login", next=_here()), 303)
        if account.role not in ADMINISTRATORS:
            raise NotAllowed("This part is for the admins of the chat.")
        g.admin = account
        return None

    @admin.get("")
    def home() -> Response:
        return redirect(url_for("admin.messages"), 303)

    add_log_pages(admin, MESSAGES, log, data)
    add_log_pages(admin, AUDIT, audit, data)
    add_message_page(admin, log, upkeep, people, moderation, show_out)
    add_erasure_pages(admin, care.erasures, people, log)
    add_room_pages(admin, log, upkeep, here)
    people_pages = PeoplePages(people, roster, moderation, log)
    add_people_pages(admin, people_pages)
    add_invite_pages(admin, people, people_pages)
    add_person_pages(admin, people, profiles, moderation, people_pages, show_out=show_out)
    add_overview_page(admin, log, people, care, vitals=vitals, clock=clock, data=data)
    add_settings_page(admin, care.settings)
    return admin


def _here() -> str:
    return request.full_path if request.query_string else request.path
