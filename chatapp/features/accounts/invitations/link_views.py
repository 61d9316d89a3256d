"""The pages of secret links: the first account, an invitation, a new password.

A link that no longer works gets an error page; after a bad name or password the form is shown
again.
"""

from collections.abc import Callable

from flask import Blueprint, make_response, render_template, session
from werkzeug.wrappers import Response

from chatapp.domain.errors import ChatError, NotFound
from chatapp.domain.future import Future
from chatapp.domain.rights import COMMAND_LINE
from chatapp.features.accounts.forms import enter, form, name_of, visitor
from chatapp.features.accounts.invitations.first_invite import Invite, keep_first_invite
from chatapp.features.accounts.invitations.links import DeadLink
from chatapp.features.accounts.manager import AccountManager, SignedIn
from chatapp.features.accounts.model import Account
from chatapp.web.forms import field
from chatapp.web.languages import words_of_reader
from chatapp.web.waiting import wait


def add_link_pages(pages: Blueprint, accounts: AccountManager, first_invite: Invite) -> None:
    @pages.errorhandler(DeadLink)
    def over(error: DeadLink) -> Response:
        t = words_of_reader()
        title, message = t("door.link.over"), t(f"door.link.{error.why}")
        page = render_template("error.html", status=404, title=title, message=message)
        return make_response(page, 404)

    add_setup_page(pages, accounts, first_invite)
    add_invite_page(pages, accounts)
    add_reset_page(pages, accounts)


def add_setup_page(pages: Blueprint, accounts: AccountManager, first_invite: Invite) -> None:
    @pages.get("/setup/<secret>")
    def setup(secret: str) -> Response:
        if not accounts.is_setup_token(secret):
            raise DeadLink("gone", "This link was used already, or a newer one was made.")
        return form("setup.html", name=name_of(accounts.person_of(session)))

    @pages.post("/setup/<secret>")
    def set_up(secret: str) -> Response:
        return _sign_in_by_link(
            accounts,
            lambda: accounts.set_up(secret, field("name"), field("password"), visitor()),
            otherwise=lambda error: form("setup.html", error, name=field("name")),
            then=lambda owner: keep_first_invite(owner, first_invite),
        )


def add_invite_page(pages: Blueprint, accounts: AccountManager) -> None:
    def join_form(secret: str, name: str, error: ChatError | None = None) -> Response:
        by, account = accounts.invitation(secret).by, accounts.invited(secret)
        inviter = "" if by == COMMAND_LINE else by
        return form("join.html", error, name=name, by=inviter, account=account)

    @pages.get("/invite/<secret>")
    def invite(secret: str) -> Response:
        return join_form(secret, name_of(accounts.person_of(session)))

    @pages.post("/invite/<secret>")
    def join(secret: str) -> Response:
        name = field("name") if accounts.invited(secret) is None else ""
        return _sign_in_by_link(
            accounts,
            lambda: accounts.join(secret, name, field("password"), visitor()),
            otherwise=lambda error: join_form(secret, name, error),
        )


def add_reset_page(pages: Blueprint, accounts: AccountManager) -> None:
    @pages.get("/reset/<secret>")
    def forgotten(secret: str) -> Response:
        return form("reset.html", name=accounts.reset_account(secret).name)

    @pages.post("/reset/<secret>")
    def reset(secret: str) -> Response:
        name = accounts.reset_account(secret).name
        return _sign_in_by_link(
            accounts,
            lambda: accounts.reset(secret, field("password"), visitor()),
            otherwise=lambda error: form("reset.html", error, name=name),
        )


def _sign_in_by_link(
    accounts: AccountManager,
    sign_in: Callable[[], Future[SignedIn]],
    *,
    otherwise: Callable[[ChatError], Response],
    then: Callable[[Account], object] = lambda _account: None,
) -> Response:
    """Sign in and go to the chat; `then` is called when the new session exists."""
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
