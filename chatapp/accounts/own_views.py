"""One's own account at `/account`: how one is shown, where one is signed in, the password."""

from flask import Blueprint, request, session, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.forms import form, visitor
from chatapp.accounts.manager import AccountManager, as_person
from chatapp.accounts.model import Account
from chatapp.accounts.profiles import ProfileManager, asked_profile
from chatapp.accounts.sessions import session_id
from chatapp.errors import ChatError, Unauthorized
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other


def add_own_pages(pages: Blueprint, accounts: AccountManager, profiles: ProfileManager) -> None:
    def mine() -> Account:
        account = accounts.account_of(session)
        if account is None:
            raise Unauthorized("Sign in first.")
        return account

    def page(account: Account, error: ChatError | None = None, **news: object) -> Response:
        return form(
            "account.html",
            error,
            account=account,
            sessions=accounts.sessions(account),
            this=session_id(session["sid"]),
            **news,
        )

    @pages.get("/account")
    def account() -> Response:
        if accounts.account_of(session) is None:
            return see_other(url_for("accounts.login", next="/account"))
        return page(mine(), done=request.args.get("done"))

    @pages.post("/account/profile")
    def change_profile() -> Response:
        account = mine()
        try:
            change = asked_profile(field("display_name"), field("colour"))
            wait(profiles.change_own(as_person(account), change))
        except ChatError as error:
            asked = {
                "name": account.name,
                "display_name": field("display_name"),
                "colour": field("colour"),
            }
            return page(account, error, asked=asked)
        return see_other(url_for("accounts.account", done="profile"))

    @pages.post("/account/password")
    def change_password() -> Response:
        account = mine()
        try:
            wait(
                accounts.change_password(
                    account, field("old"), field("new"), visitor(), keep=session["sid"]
                )
            )
        except ChatError as error:
            return page(account, error)
        return see_other(url_for("accounts.account", done="password"))

    @pages.post("/account/sessions/<id>/end")
    def end_session(id: str) -> Response:
        wait(accounts.end_session(mine(), id))
        return see_other(url_for("accounts.account"))

    @pages.post("/account/sessions/end")
    def end_other_sessions() -> Response:
        accounts.end_other_sessions(mine(), keep=session["sid"])
        return see_other(url_for("accounts.account"))
