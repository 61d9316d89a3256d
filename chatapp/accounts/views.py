"""The doors of accounts: choose a name, sign in and out.

A browser's session, signed by Flask, is a guest's `{"name", "key"}` or an account's
`{"sid"}`. Who comes by a link finds link_views.py, and one's own account own_views.py.
"""

import secrets
from collections.abc import Callable

from flask import Blueprint, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.devices import device_name
from chatapp.accounts.first_invite import Invite, add_first_invite
from chatapp.accounts.forms import become, enter, form, name_of, next_path, visitor
from chatapp.accounts.link_views import add_link_pages
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.own_views import add_own_pages
from chatapp.accounts.profiles import ProfileManager
from chatapp.errors import ChatError, NameTaken
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other
from chatapp.web.languages import words_of_reader

GUEST_KEY_BYTES = 24


def accounts_blueprint(
    accounts: AccountManager,
    profiles: ProfileManager,
    *,
    people: Callable[[], int],
    is_free: Callable[[str, str], bool],
    invite: Invite,
) -> Blueprint:
    """`people()` is how many are here; `is_free(name, key)`, that nobody else here is called so;
    `invite(account)` makes the invite that a new owner finds in the chat.
    """
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
        if request.endpoint != "static":
            accounts.see(session, visitor())

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
            if not is_free(person.name, key):
                raise NameTaken(
                    f"Somebody called {person.name} is here already. Choose another name."
                )
        except ChatError as error:
            return form("welcome.html", error, name=wanted, people=people())
        wait(accounts.sign_out(session))
        become({"name": person.name, "key": key})
        return see_other(next_path("/"))


def add_sign_in_pages(pages: Blueprint, accounts: AccountManager) -> None:
    @pages.get("/login")
    def login() -> Response:
        if accounts.account_of(session):
            return see_other(next_path("/"))
        return form("login.html", access=accounts.access, has_admin=accounts.has_admin())

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
        """Forget who the visitor is; an account's session ends on the server too."""
        wait(accounts.sign_out(session))
        session.clear()
        return see_other(url_for("accounts.login") if accounts.access == "members" else "/")
