"""One's own account at `/account`: the password, and where one is signed in."""

from flask import Blueprint, session, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.forms import field, form, see_other, visitor
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.model import Account
from chatapp.accounts.sessions import session_id
from chatapp.errors import ChatError, Unauthorized
from chatapp.waiting import wait


def add_own_pages(pages: Blueprint, accounts: AccountManager) -> None:
    def mine() -> Account:
        account = accounts.account_of(session)
        if account is None:
            raise Unauthorized("Sign in first.")
        return account

    def page(account: Account, error: ChatError | None = None, done: str = "") -> Response:
        return form(
            "account.html",
            error,
            account=account,
            sessions=accounts.sessions(account),
            this=session_id(session["sid"]),
            done=done,
        )

    @pages.get("/account")
    def account() -> Response:
        if accounts.account_of(session) is None:
            return see_other(url_for("accounts.login", next="/account"))
        return page(mine())

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
        return page(account, done="The password is changed. All other sessions have ended.")

    @pages.post("/account/sessions/<id>/end")
    def end_session(id: str) -> Response:
        wait(accounts.end_session(mine(), id))
        return see_other(url_for("accounts.account"))

    @pages.post("/account/sessions/end")
    def end_other_sessions() -> Response:
        accounts.end_other_sessions(mine(), keep=session["sid"])
        return see_other(url_for("accounts.account"))
