"""What a new owner does first: name the chat, invite people, say hello.

The invitation, a link to copy and a QR code, is kept in the owner's session cookie, which scripts
cannot read. The steps are shown until all are done, the owner dismisses them, or the link no longer
works.
"""

from collections.abc import Callable
from itertools import islice

import msgspec
from flask import Blueprint, session
from markupsafe import Markup
from werkzeug.wrappers import Response

from chatapp.domain.errors import NotFound
from chatapp.domain.future import Future
from chatapp.features.accounts.invitations.qr import qr_code
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.web.forms import see_other
from chatapp.web.reach import url_for_others
from chatapp.web.waiting import wait

FIRST_INVITE_USES = 10
SESSION_KEY = "invite"

Invite = Callable[[Account], Future[str]]
"""Creates an invitation on behalf of an account, and returns its secret."""


class FirstSteps(msgspec.Struct, frozen=True):
    link: str
    qr: Markup
    has_people: bool
    """Whether another person has an account by now; bots are none."""


def keep_first_invite(owner: Account, invite: Invite) -> None:
    session[SESSION_KEY] = wait(invite(owner))


def add_first_invite(pages: Blueprint, accounts: AccountManager) -> None:
    """Templates can call `first_steps()` and `signed_in()`, the current account."""

    def first_steps() -> FirstSteps | None:
        secret = session.get(SESSION_KEY)
        if secret is None:
            return None
        try:
            accounts.invitation(secret)
        except NotFound:
            return None
        link = url_for_others("accounts.invite", secret=secret)
        people = (one for _, one in accounts.registry.keyed() if one.role != "bot")
        return FirstSteps(link, qr_code(link), has_people=len(list(islice(people, 2))) > 1)

    @pages.app_context_processor
    def words() -> dict[str, object]:
        return {"first_steps": first_steps, "signed_in": lambda: accounts.account_of(session)}

    @pages.post("/account/first-invite/done")
    def dismiss() -> Response:
        session.pop(SESSION_KEY, None)
        return see_other("/")
