"""The console's bots: accounts of programs, their limits, and the tokens with which they sign in.

A token is shown once, on the answer to the form that created it. Tokens that people created on the
command line for other accounts are listed too, because they let somebody in as well.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import number, page
from chatapp.domain.bots import MAX_BOT_MESSAGES_A_MINUTE
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.future import Future
from chatapp.domain.rights import has_power_over
from chatapp.domain.scopes import OF_AGENTS
from chatapp.features.accounts.model import Account
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.sign_in.tokens import Token, checked_scopes
from chatapp.features.agents.setting_up import agent_configuration, require_rooms
from chatapp.features.bots.manager import BotManager, BotView, WantedLimits
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.web.forms import field, see_other
from chatapp.web.waiting import wait

SCOPES = ("read", "write", "post", "react", "files", "rooms", "metrics", "agent", "draft")
"""What a bot can be allowed to do. (`admin` needs an account of an admin.)"""
CHOSEN = ("read", "write")
MAX_DAYS = 3650


class Program(msgspec.Struct, frozen=True):
    """An account with its tokens, newest first. `is_ours`: whether this admin can revoke them.
    `bot`: what else there is to know of a bot."""

    account: Account
    tokens: Sequence[tuple[str, Token]]
    is_ours: bool
    bot: BotView | None


def add_bot_pages(
    admin: Blueprint, bots: BotManager, people: PeopleManager, commands: SlashCommandManager
) -> None:
    def shown(error: ChatError | None = None, **news: Any) -> Response:
        return page(
            "admin/bots.html",
            error,
            programs=_programs(bots, people),
            commands=commands.every(),
            scopes=SCOPES,
            chosen=CHOSEN,
            max_days=MAX_DAYS,
            max_per_minute=MAX_BOT_MESSAGES_A_MINUTE,
            address=request.host_url.rstrip("/"),
            **news,
        )

    @admin.get("/bots", endpoint="bots")
    def bots_page() -> Response:
        return shown()

    @admin.post("/bots")
    def create_token() -> Response:
        """Create a token, and the bot too if there is none of this name."""
        try:
            scopes, days = _scopes(), _days()
            bot = wait(_bot(bots, people, scopes))
            secret = wait(people.create_token(g.admin, bot.name, field("title"), scopes, days))
        except ChatError as error:
            return shown(error, typed=request.form)
        if "agent" in scopes:
            agent = agent_configuration(bot.name, request.host_url.rstrip("/"), secret)
            return shown(secret=secret, bot=bot, agent=agent)
        return shown(secret=secret, bot=bot)

    @admin.post("/bots/limits")
    def limit_bot() -> Response:
        return act(lambda: bots.limit(g.admin, field("name"), _limits()))

    @admin.post("/bots/revoke")
    def revoke_token() -> Response:
        return act(lambda: people.revoke_token(g.admin, field("id")))

    @admin.post("/bots/remove-command")
    def remove_command() -> Response:
        return act(lambda: commands.remove(g.admin, field("command")))

    def act(step: Any) -> Response:
        try:
            wait(step())
        except ChatError as error:
            return shown(error)
        return see_other(url_for("admin.bots"))


def _bot(bots: BotManager, people: PeopleManager, scopes: Sequence[str]) -> Future[Account]:
    """The bot of the form, which may be new. One that there is keeps its limits."""
    name = field("name").strip().removeprefix("@")
    if people.registry.has(name):
        bot = bots.find(name)
        require_rooms(scopes, bot.limits.rooms if bot.limits else None)
        return Future.of(bot)
    limits = _limits()
    require_rooms(scopes, limits.rooms)
    return bots.add(g.admin, name, limits)


def _limits() -> WantedLimits:
    """The limits of a form: empty fields are none, and an empty owner is the admin."""
    rooms = field("rooms").replace(",", " ").split()
    typed = field("per_minute").strip()
    return WantedLimits(
        owner=field("owner").strip().removeprefix("@") or g.admin.name,
        rooms=[room.removeprefix("#") for room in rooms],
        per_minute=number(typed, "messages") if typed else 0,
    )


def _scopes() -> tuple[str, ...]:
    scopes = tuple(scope for scope in SCOPES if scope in request.form.getlist("scope"))
    if not scopes:
        raise BadPayload("Choose what the token may do.")
    if "read" not in scopes and scopes != ("metrics",) and not OF_AGENTS & set(scopes):
        raise BadPayload("A token that may write needs to read too.")
    return checked_scopes(scopes)


def _days() -> int | None:
    days = number(field("days"), "days") if field("days").strip() else None
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise BadPayload(f"A token is valid for 1 to {MAX_DAYS} days.")
    return days


def _programs(bots: BotManager, people: PeopleManager) -> list[Program]:
    """Bots, and other accounts that have tokens, by name."""
    tokens = people.tokens()
    views = {view.account.key: view for view in bots.all()}
    holders = {token.account for _, token in tokens}
    return [
        Program(
            account,
            [one for one in tokens if one[1].account == account.key],
            has_power_over(g.admin, account.role),
            views.get(account.key),
        )
        for account in people.registry.all()
        if account.key in views or account.key in holders
    ]
