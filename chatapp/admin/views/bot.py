"""The console's bots: accounts of programs, and the tokens with which programs sign in.

A token is shown once, on the answer to the form that created it. Tokens that people created on the
command line for other accounts are listed too, because they let somebody in as well.
"""

from typing import Any

import msgspec
from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import number, page
from chatapp.domain.errors import BadPayload, ChatError, NotAllowed
from chatapp.domain.rights import has_power_over
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.sign_in.tokens import Token
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

SCOPES = ("read", "write", "metrics")
"""What a bot can be allowed to do. (`admin` needs an account of an admin.)"""
MAX_DAYS = 3650


class Program(msgspec.Struct, frozen=True):
    """An account with its tokens, newest first. `is_ours`: whether this admin can revoke them."""

    account: Account
    tokens: list[tuple[str, Token]]
    is_ours: bool


def add_bot_pages(admin: Blueprint, accounts: AccountManager, people: PeopleManager) -> None:
    def shown(error: ChatError | None = None, **news: Any) -> Response:
        return page(
            "admin/bots.html",
            error,
            programs=_programs(people),
            scopes=SCOPES,
            max_days=MAX_DAYS,
            address=request.host_url.rstrip("/"),
            **news,
        )

    @admin.get("/bots")
    def bots() -> Response:
        return shown()

    @admin.post("/bots")
    def create_token() -> Response:
        """Create a token, and the bot too if there is none of this name."""
        name = field("name").strip().removeprefix("@")
        scopes = tuple(scope for scope in SCOPES if scope in request.form.getlist("scope"))
        try:
            days = number(field("days"), "days") if field("days").strip() else None
            if days is not None and not 1 <= days <= MAX_DAYS:
                raise BadPayload(f"A token is valid for 1 to {MAX_DAYS} days.")
            _require_scopes(scopes)
            bot = _bot(accounts, name)
            secret = wait(people.create_token(g.admin, bot.name, field("title"), scopes, days))
        except ChatError as error:
            return shown(error, typed=request.form)
        return shown(secret=secret, bot=bot)

    @admin.post("/bots/revoke")
    def revoke_token() -> Response:
        try:
            wait(people.revoke_token(g.admin, field("id")))
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.bots"))


def _require_scopes(scopes: tuple[str, ...]) -> None:
    if "write" in scopes and "read" not in scopes:
        raise BadPayload("A token that may write needs to read too.")
    if not scopes:
        raise BadPayload("Choose what the token may do.")


def _bot(accounts: AccountManager, name: str) -> Account:
    """The bot with this name, which may be new."""
    known = accounts.registry.named(name)
    if known is None:
        return wait(accounts.create_bot(g.admin, name))
    if known.role != "bot":
        raise NotAllowed(f"{known.name} is a person, not a bot. Choose another name.")
    return known


def _programs(people: PeopleManager) -> list[Program]:
    """Bots, and other accounts that have tokens, by name."""
    tokens = people.tokens()
    holders = {token.account for _, token in tokens}
    return [
        Program(
            account,
            [one for one in tokens if one[1].account == account.key],
            has_power_over(g.admin, account.role),
        )
        for account in people.registry.all()
        if account.role == "bot" or account.key in holders
    ]
