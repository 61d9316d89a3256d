"""The invite that a new owner finds in the chat: to copy, to show to a camera, to put away.

It waits in the owner's own session cookie, which no script can read, until they put it
away or nobody can use it any more.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from chatapp.accounts.manager import AccountManager
from chatapp.accounts.model import Account
from chatapp.accounts.qr import qr_code
from chatapp.config import is_loopback
from chatapp.errors import NotFound
from chatapp.pending import Pending
from chatapp.waiting import wait
from chatapp.web.forms import see_other

FIRST_INVITE_USES = 10
SESSION_KEY = "invite"

Invite = Callable[[Account], Pending[str]]
"""Makes an invite in the name of an account; its secret."""


class FirstInvite(msgspec.Struct, frozen=True):
    link: str
    qr: Markup


def keep_first_invite(owner: Account, invite: Invite) -> None:
    session[SESSION_KEY] = wait(invite(owner))


def add_first_invite(pages: Blueprint, accounts: AccountManager) -> None:
    """Templates can ask `first_invite()`, and who is `signed_in()`."""

    def first_invite() -> FirstInvite | None:
        secret = session.get(SESSION_KEY)
        if secret is None:
            return None
        try:
            accounts.invitation(secret)
        except NotFound:
            return None
        link = url_for("accounts.invite", secret=secret, _external=True)
        return FirstInvite(link, qr_code(link))

    @pages.app_template_test("only_here")
    def is_only_here(link: str) -> bool:
        """Whether a link leads nowhere on any other machine."""
        return is_loopback(urlsplit(link).hostname or "")

    @pages.app_context_processor
    def words() -> dict[str, object]:
        return {"first_invite": first_invite, "signed_in": lambda: accounts.account_of(session)}

    @pages.post("/account/first-invite/done")
    def put_away() -> Response:
        session.pop(SESSION_KEY, None)
        return see_other("/")
