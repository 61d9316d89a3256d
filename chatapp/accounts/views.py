"""The doors of accounts: choose a name, sign in, sign out, set up the first admin.

A browser's session, signed by Flask, is a guest's `{"name", "key"}` or an account's
`{"sid"}`. It is emptied whenever the visitor becomes somebody else, so that nothing
planted in it before (a key, a form token) is worth anything after.
"""

import math
import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.manager import AccountManager, SignedIn
from chatapp.accounts.passwords import MIN_PASSWORD_CHARACTERS
from chatapp.accounts.sessions import Visitor
from chatapp.errors import ChatError, NameTaken, NotFound
from chatapp.model import Person
from chatapp.waiting import wait
from chatapp.web.errors import status_of
from chatapp.web.paths import local_path

GUEST_KEY_BYTES = 24


def accounts_blueprint(
    accounts: AccountManager,
    *,
    people: Callable[[], int],
    is_free: Callable[[str, str], bool],
) -> Blueprint:
    """`people()` is how many are here; `is_free(name, key)`, that nobody else here is called so."""
    pages = Blueprint("accounts", __name__)

    @pages.get("/name")
    def name() -> Response:
        if accounts.access != "open":
            return _see_other(url_for("accounts.login", next=_next("") or None))
        return _form("welcome.html", people=people())

    @pages.post("/name")
    def choose_name() -> Response:
        wanted, key = request.form.get("name", ""), secrets.token_urlsafe(GUEST_KEY_BYTES)
        try:
            person = accounts.guest(wanted, key)
            if person.name == _name_of(accounts.person_of(session)):
                return _see_other(_next("/"))
            if not is_free(person.name, key):
                raise NameTaken(
                    f"Somebody called {person.name} is here already. Choose another name."
                )
        except ChatError as error:
            return _form("welcome.html", error, name=wanted, people=people())
        wait(accounts.sign_out(session))
        _become({"name": person.name, "key": key})
        return _see_other(_next("/"))

    @pages.get("/login")
    def login() -> Response:
        if accounts.account_of(session):
            return _see_other(_next("/"))
        return _form("login.html", access=accounts.access)

    @pages.post("/login")
    def sign_in() -> Response:
        wanted, password = request.form.get("name", ""), request.form.get("password", "")
        try:
            signed_in = wait(accounts.sign_in(wanted, password, _visitor()))
        except ChatError as error:
            return _form("login.html", error, name=wanted, access=accounts.access)
        return _enter(signed_in, _next("/"))

    @pages.post("/logout")
    @pages.post("/leave")
    def leave() -> Response:
        """Forget who the visitor is; an account's session ends on the server too."""
        wait(accounts.sign_out(session))
        session.clear()
        return _see_other(url_for("accounts.login") if accounts.access == "members" else "/")

    @pages.get("/setup/<token>")
    def setup(token: str) -> Response:
        if not accounts.is_setup_token(token):
            raise NotFound("This link was used already, or a newer one was made.")
        return _form(
            "setup.html",
            name=_name_of(accounts.person_of(session)),
            min_password=MIN_PASSWORD_CHARACTERS,
        )

    @pages.post("/setup/<token>")
    def set_up(token: str) -> Response:
        wanted, password = request.form.get("name", ""), request.form.get("password", "")
        try:
            signed_in = wait(accounts.set_up(token, wanted, password, _visitor()))
        except NotFound:
            raise
        except ChatError as error:
            return _form("setup.html", error, name=wanted, min_password=MIN_PASSWORD_CHARACTERS)
        return _enter(signed_in, url_for("admin.home"))

    def _enter(signed_in: SignedIn, path: str) -> Response:
        wait(accounts.sign_out(session))
        _become({"sid": signed_in.sid})
        return _see_other(path)

    return pages


def _become(identity: dict[str, str]) -> None:
    session.clear()
    session.update(identity)
    session.permanent = True


def _form(template: str, error: ChatError | None = None, **values: Any) -> Response:
    """A page with one form; after a refusal with what was typed, and what is wrong with it."""
    problem = error and error.message
    page = render_template(template, problem=problem, next=_next(""), **values)
    response = make_response(page, status_of(error) if error else 200)
    if error and error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def _name_of(person: Person | None) -> str:
    return person.name if person else ""


def _next(otherwise: str) -> str:
    return local_path(request.values.get("next"), otherwise)


def _visitor() -> Visitor:
    return Visitor(address=request.remote_addr or "", device=request.headers.get("User-Agent", ""))


def _see_other(path: str) -> Response:
    """303: the browser asks for the page by GET, and a reload does not send the form again."""
    return redirect(path, 303)
