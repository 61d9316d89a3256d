"""The doors that a secret link opens: the first account, an invitation, a new password.

A link that does not work any more is a page of its own; a bad name or password comes back as
a form.
"""

from collections.abc import Callable

from flask import Blueprint, session
from werkzeug.wrappers import Response

from chatapp.accounts.first_invite import Invite, keep_first_invite
from chatapp.accounts.forms import enter, form, name_of, visitor
from chatapp.accounts.manager import AccountManager, SignedIn
from chatapp.accounts.model import Account
from chatapp.accounts.rights import COMMAND_LINE
from chatapp.errors import ChatError, NotFound
from chatapp.pending import Pending
from chatapp.waiting import wait
from chatapp.web.forms import field


def add_link_pages(pages: Blueprint, accounts: AccountManager, first_invite: Invite) -> None:
    add_setup_page(pages, accounts, first_invite)
    add_invite_page(pages, accounts)
    add_reset_page(pages, accounts)


def add_setup_page(pages: Blueprint, accounts: AccountManager, first_invite: Invite) -> None:
    @pages.get("/setup/<secret>")
    def setup(secret: str) -> Response:
        if not accounts.is_setup_token(secret):
            raise NotFound("This link was used already, or a newer one was made.")
        return form("setup.html", name=name_of(accounts.person_of(session)))

    @pages.post("/setup/<secret>")
    def set_up(secret: str) -> Response:
        return _come_in(
            accounts,
            lambda: accounts.set_up(secret, field("name"), field("password"), visitor()),
            otherwise=lambda error: form("setup.html", error, name=field("name")),
            then=lambda owner: keep_first_invite(owner, first_invite),
        )


def add_invite_page(pages: Blueprint, accounts: AccountManager) -> None:
    def inviter(secret: str) -> str:
        by = accounts.invitation(secret).by
        return "" if by == COMMAND_LINE else by

    @pages.get("/invite/<secret>")
    def invite(secret: str) -> Response:
        name = name_of(accounts.person_of(session))
        return form("join.html", name=name, by=inviter(secret))

    @pages.post("/invite/<secret>")
    def join(secret: str) -> Response:
        by = inviter(secret)
        return _come_in(
            accounts,
            lambda: accounts.join(secret, field("name"), field("password"), visitor()),
            otherwise=lambda error: form("join.html", error, name=field("name"), by=by),
        )


def add_reset_page(pages: Blueprint, accounts: AccountManager) -> None:
    @pages.get("/reset/<secret>")
    def forgotten(secret: str) -> Response:
        return form("reset.html", name=accounts.reset_account(secret).name)

    @pages.post("/reset/<secret>")
    def reset(secret: str) -> Response:
        name = accounts.reset_account(secret).name
        return _come_in(
            accounts,
            lambda: accounts.reset(secret, field("password"), visitor()),
            otherwise=lambda error: form("reset.html", error, name=name),
        )


def _come_in(
    accounts: AccountManager,
    sign_in: Callable[[], Pending[SignedIn]],
    *,
    otherwise: Callable[[ChatError], Response],
    then: Callable[[Account], object] = lambda _account: None,
) -> Response:
    """Into the chat, as somebody else than before; `then` comes when the session is theirs."""
    try:
        signed_in = wait(sign_in())
    except NotFound:
        raise
    except ChatError as error:
        return otherwise(error)
    wait(accounts.sign_out(session))
    response = enter(signed_in, "/")
    then(signed_in.account)
    return response
