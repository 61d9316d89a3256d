"""The console's people: who has an account, and the page of each.

Invitations are in invite_views.py, what admins do to somebody in person_views.py. Whether
they may is for the managers to say; a refusal comes back on the page that asked.
"""

from typing import Any, get_args

from flask import Blueprint, request
from werkzeug.wrappers import Response

from chatapp.accounts.model import Account, Role
from chatapp.accounts.people import INVITE_DAYS, PeopleManager
from chatapp.accounts.roster import Roster
from chatapp.admin.forms import page
from chatapp.admin.reading import LogReader
from chatapp.errors import BadPayload, ChatError
from chatapp.moderation.manager import ModerationManager
from chatapp.waiting import wait

PAGE_LENGTH = 50
LATEST = 5
"""So many of a person's messages are on their page."""


class PeoplePages:
    """The page of everybody and the page of one, with an error or other news on them."""

    def __init__(
        self,
        people: PeopleManager,
        roster: Roster,
        moderation: ModerationManager,
        log: LogReader,
    ) -> None:
        self._people = people
        self._roster = roster
        self._moderation = moderation
        self._log = log

    def everybody(self, error: ChatError | None = None, **news: Any) -> Response:
        query, after = request.args.get("q", "").strip(), request.args.get("after", "")
        fitting = self._people.named(query, after=after, limit=PAGE_LENGTH + 1)
        visits = self._people.last_seen()
        return page(
            "admin/people.html",
            error,
            accounts=fitting[:PAGE_LENGTH],
            states={one.key: self._roster.state_of(one) for one in fitting},
            more=fitting[PAGE_LENGTH - 1].key if len(fitting) > PAGE_LENGTH else None,
            seen={one.key: self._last_here(one, visits) for one in fitting},
            bans=self._moderation.bans(),
            invites=self._people.invites(),
            invite_days=INVITE_DAYS,
            query=query,
            **news,
        )

    def one(self, name: str, error: ChatError | None = None, **news: Any) -> Response:
        account = self._people.find(name)
        return page(
            "admin/person.html",
            error,
            account=account,
            state=self._roster.state_of(account),
            seen=self._last_here(account, self._people.last_seen()),
            roles=get_args(Role),
            sessions=self._people.sessions(account),
            ban=self._moderation.bans().get(f"name:{account.key}"),
            latest=wait(self._log.find(sender=account.name, limit=LATEST)),
            **news,
        )

    def _last_here(self, account: Account, visits: dict[str, str]) -> str | None:
        """In the chat, or with a browser on any page."""
        moments = (self._roster.last_seen(account), visits.get(account.key))
        return max(filter(None, moments), default=None)


def add_people_pages(admin: Blueprint, pages: PeoplePages) -> None:
    @admin.get("/people")
    def everybody_page() -> Response:
        return pages.everybody()

    @admin.get("/person")
    def person() -> Response:
        """Names have all kinds of characters, so they are no part of a path."""
        return pages.one(request.args.get("name", ""))


def asked_role(role: str) -> Role:
    """What a form says that somebody shall be; raises `BadPayload`."""
    if role not in get_args(Role):
        raise BadPayload(f"{role!r} is no role.")
    return role  # type: ignore[return-value]
