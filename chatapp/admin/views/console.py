"""The console's blueprint: access control and navigation.

Visitors without a session are sent to the sign-in page; people who are not admins are refused.
Each page has its own file.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from flask import Blueprint, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.admin.actions import AdminActions
from chatapp.admin.files import FileCatalogue
from chatapp.admin.maintenance import Maintenance
from chatapp.admin.name_filters import add_names
from chatapp.admin.outgoing_webhooks import WebhookConsole
from chatapp.admin.private_rooms import Viewings
from chatapp.admin.views.bot import add_bot_pages
from chatapp.admin.views.emoji import add_emoji_pages
from chatapp.admin.views.erasure import add_erasure_pages
from chatapp.admin.views.file import add_file_pages
from chatapp.admin.views.help import add_help_page
from chatapp.admin.views.incoming_webhook import add_incoming_webhook_pages
from chatapp.admin.views.invite import add_invite_pages
from chatapp.admin.views.log import AUDIT, MESSAGES, add_log_pages
from chatapp.admin.views.message import add_message_page
from chatapp.admin.views.outgoing_webhook import add_outgoing_webhook_pages
from chatapp.admin.views.overview import ServerStatus, add_overview_page
from chatapp.admin.views.people import PeopleViews, add_people_pages
from chatapp.admin.views.person import add_person_pages
from chatapp.admin.views.private_rooms import add_viewing_pages
from chatapp.admin.views.retention import add_retention_pages
from chatapp.admin.views.room import add_room_pages
from chatapp.admin.views.room_as_of import add_room_as_of_page
from chatapp.admin.views.setting import add_settings_page
from chatapp.domain.errors import NotAllowed
from chatapp.domain.future import Future
from chatapp.domain.rights import By, is_admin
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.people_directory import PeopleDirectory
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.bots.manager import BotManager
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.files.manager import FileManager
from chatapp.features.incoming_webhooks.manager import IncomingHookManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.published.manager import PublishedRooms
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.features.statuses.manager import StatusManager
from chatapp.store.message_log import MessageLog


def admin_blueprint(
    log: MessageLog,
    audit: MessageLog,
    accounts: AccountManager,
    people: PeopleManager,
    moderation: ModerationManager,
    *,
    bots: BotManager,
    commands: SlashCommandManager,
    profiles: ProfileManager,
    statuses: StatusManager,
    remove_photo: Callable[[By, str], Future[None]],
    roster: PeopleDirectory,
    actions: AdminActions,
    catalogue: FileCatalogue,
    files: FileManager,
    emoji: EmojiManager,
    viewings: Viewings,
    published: PublishedRooms,
    webhooks: WebhookConsole,
    incoming_hooks: IncomingHookManager,
    maintenance: Maintenance,
    here: Callable[[str], int],
    disconnect_banned: Callable[[], None],
    status: Callable[[], ServerStatus],
    clock: Callable[[], datetime],
    data: Path,
) -> Blueprint:
    """`here(room)` is the number of people in a room; `disconnect_banned()` closes the connections
    of banned people; `data` is the data folder."""
    admin = Blueprint("admin", __name__, url_prefix="/admin")
    _open_to_admins_only(admin, accounts)
    where = partial(viewings.where, session)
    add_log_pages(admin, MESSAGES, log, data, name_in_log=people.name_in_log, where=where)
    add_log_pages(admin, AUDIT, audit, data, name_in_log=people.name_in_log)
    add_names(admin, actions.rooms.any, people.shown)
    add_viewing_pages(admin, viewings)
    add_message_page(
        admin, log, catalogue, actions, people, moderation, viewings, disconnect_banned
    )
    add_erasure_pages(admin, maintenance.erasures, people, log)
    add_file_pages(admin, catalogue, files, actions, people, maintenance.settings, viewings)
    add_emoji_pages(admin, emoji)
    add_room_pages(admin, log, actions, maintenance, published=published, here=here)
    add_room_as_of_page(admin, log, actions, viewings)
    add_retention_pages(admin, maintenance)
    people_pages = PeopleViews(people, roster, moderation, log, where)
    add_people_pages(admin, people_pages)
    add_invite_pages(admin, people, people_pages)
    add_person_pages(
        admin,
        people,
        profiles,
        moderation,
        people_pages,
        clear_status=statuses.clear,
        remove_photo=remove_photo,
        disconnect_banned=disconnect_banned,
    )
    add_bot_pages(admin, bots, people, commands)
    add_incoming_webhook_pages(admin, incoming_hooks, actions.rooms)
    add_outgoing_webhook_pages(admin, webhooks, accounts, log)
    add_overview_page(
        admin,
        log,
        audit,
        people,
        maintenance,
        webhooks=webhooks.manager.rows,
        status=status,
        clock=clock,
        data=data,
    )
    add_settings_page(admin, maintenance.settings)
    add_help_page(admin, maintenance.settings, status, data)
    return admin


def _open_to_admins_only(admin: Blueprint, accounts: AccountManager) -> None:
    @admin.before_request
    def admins_only() -> Response | None:
        account = accounts.account_of(session)
        if account is None:
            return redirect(url_for("accounts.login", next=_here()), 303)
        if not is_admin(account):
            raise NotAllowed("Only admins can open this page.")
        g.admin = account
        return None

    @admin.get("")
    def home() -> Response:
        return redirect(url_for("admin.overview"), 303)


def _here() -> str:
    return request.full_path if request.query_string else request.path
