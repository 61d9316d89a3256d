"""The pages of accounts: choose a name, sign in, sign out.

A browser's session, signed by Flask, is a guest's `{"name", "key"}` or an account's
`{"sid"}`. Links are in invitations/link_views.py, one's own account in own_views.py.
"""

import secrets
from collections.abc import Callable

from flask import Blueprint, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.domain.errors import ChatError, NameTaken
from chatapp.features.accounts.forms import enter, form, name_of, next_path, start_session, visitor
from chatapp.features.accounts.invitations.first_invite import Invite, add_first_invite
from chatapp.features.accounts.invitations.link_views import add_link_pages
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.own_views import add_own_pages
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.accounts.sign_in.devices import device_name
from chatapp.web.file_answers import is_file
from chatapp.web.forms import field, see_other
from chatapp.web.languages import words_of_reader
from chatapp.web.waiting import wait

GUEST_KEY_BYTES = 24


def accounts_blueprint(
    accounts: AccountManager,
    profiles: ProfileManager,
    *,
    people: Callable[[], int],
    is_free: Callable[[str, str], bool],
    invite: Invite,
) -> Blueprint:
    """`people()` is the number of people online; `is_free(name, id)`: whether nobody else is online
    with this name; `invite(account)` creates the invitation that a new owner sees in the chat."""
    pages = Blueprint("accounts", __name__)
    add_guest_pages(pages, accounts, people, is_free)
    add_sign_in_pages(pages, accounts)
    add_link_pages(pages, accounts, invite)
    add_first_invite(pages, accounts)
    add_own_pages(pages, accounts, profiles)

    @pages.app_template_filter("device")
    def device(user_agent: str) -> str:
        return device_name(user_agent, words_of_reader())

    @pages.before_app_request
    def see() -> None:
        if not is_file(request):
            accounts.registry.sessions.see(session, visitor())

    return pages


def add_guest_pages(
    pages: Blueprint,
    accounts: AccountManager,
    people: Callable[[], int],
    is_free: Callable[[str, str], bool],
) -> None:
    @pages.get("/name")
    def name() -> Response:
        if accounts.access != "open":
            return see_other(url_for("accounts.login", next=next_path("") or None))
        return form("welcome.html", people=people())

    @pages.post("/name")
    def choose_name() -> Response:
        wanted, key = field("name"), secrets.token_urlsafe(GUEST_KEY_BYTES)
        try:
            person = accounts.guest(wanted, key)
            if person.name == name_of(accounts.person_of(session)):
                return see_other(next_path("/"))
            if not is_free(person.name, person.id):
                raise NameTaken(
                    f"Someone called {person.name} is already online. Choose another name."
                )
        except ChatError as error:
            return form("welcome.html", error, name=wanted, people=people())
        wait(accounts.sign_out(session))
        start_session({"name": person.name, "key": key})
        return see_other(next_path("/"))


def add_sign_in_pages(pages: Blueprint, accounts: AccountManager) -> None:
    @pages.get("/login")
    def login() -> Response:
        if accounts.account_of(session):
            return see_other(next_path("/"))
        return form("login.html", access=accounts.access, has_admin=accounts.registry.has_admin())

    @pages.post("/login")
    def sign_in() -> Response:
        try:
            signed_in = wait(accounts.sign_in(field("name"), field("password"), visitor()))
        except ChatError as error:
            return form(
                "login.html", error, name=field("name"), access=accounts.access, has_admin=True
            )
        wait(accounts.sign_out(session))
        return enter(signed_in, next_path("/"))

    @pages.post("/logout")
    @pages.post("/leave")
    def leave() -> Response:
        """Sign out; an account's session ends on the server too."""
        wait(accounts.sign_out(session))
        session.clear()
        return see_other(url_for("accounts.login") if accounts.access == "members" else "/")
