"""The page of one's own account, `/account`: profile, sessions, password."""

from collections.abc import Callable

from flask import Blueprint, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.domain.errors import ChatError, Unauthorized
from chatapp.features.accounts.forms import form, visitor
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account, as_person
from chatapp.features.accounts.profiles import ProfileManager, asked_profile
from chatapp.features.accounts.sign_in.sessions import session_id
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

ShowAccount = Callable[..., Response]
"""Renders the page of an account, with an error or a result."""


def add_own_pages(pages: Blueprint, accounts: AccountManager, profiles: ProfileManager) -> None:
    @pages.get("/account")
    def account() -> Response:
        if accounts.account_of(session) is None:
            return see_other(url_for("accounts.login", next="/account"))
        return show(_own_account(accounts), done=request.args.get("done"))

    def show(account: Account, error: ChatError | None = None, **news: object) -> Response:
        return form(
            "account.html",
            error,
            account=account,
            photo=profiles.of([account.name])[account.name].photo,
            sessions=accounts.registry.sessions.named(account),
            this=session_id(session["sid"]),
            **news,
        )

    add_profile_form(pages, accounts, profiles, show)
    add_password_form(pages, accounts, show)
    add_session_forms(pages, accounts)


def add_profile_form(
    pages: Blueprint, accounts: AccountManager, profiles: ProfileManager, show: ShowAccount
) -> None:
    @pages.post("/account/profile")
    def change_profile() -> Response:
        account = _own_account(accounts)
        asked = {"display_name": field("display_name"), "colour": field("colour")}
        try:
            wait(profiles.change_own(as_person(account), asked_profile(**asked)))
        except ChatError as error:
            return show(account, error, asked={"name": account.name, **asked})
        return see_other(url_for("accounts.account", done="profile"))


def add_password_form(pages: Blueprint, accounts: AccountManager, show: ShowAccount) -> None:
    @pages.post("/account/password")
    def change_password() -> Response:
        account, old, new = _own_account(accounts), field("old"), field("new")
        try:
            wait(accounts.change_password(account, old, new, visitor(), keep=session["sid"]))
        except ChatError as error:
            return show(account, error)
        return see_other(url_for("accounts.account", done="password"))


def add_session_forms(pages: Blueprint, accounts: AccountManager) -> None:
    @pages.post("/account/sessions/<id>/end")
    def end_session(id: str) -> Response:
        wait(accounts.end_session(_own_account(accounts), id))
        return see_other(url_for("accounts.account"))

    @pages.post("/account/sessions/end")
    def end_other_sessions() -> Response:
        accounts.registry.sign_out_everywhere(_own_account(accounts), keep=session["sid"])
        return see_other(url_for("accounts.account"))


def _own_account(accounts: AccountManager) -> Account:
    account = accounts.account_of(session)
    if account is None:
        raise Unauthorized("Sign in first.")
    return account
