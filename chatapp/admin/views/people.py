"""The console's list of people, and the page of one person.

Invitations are in invite.py, actions on a person in person.py. The managers decide who is allowed
to do what; a refusal is shown on the page that sent the form.
"""

from typing import Any, get_args

from flask import Blueprint, request
from werkzeug.wrappers import Response

from chatapp.admin.forms import page
from chatapp.admin.views.log import Where
from chatapp.domain.errors import ChatError
from chatapp.features.accounts.model import Account, Role
from chatapp.features.accounts.people import INVITE_DAYS, PeopleManager
from chatapp.features.accounts.people_directory import PeopleDirectory
from chatapp.features.moderation.manager import ModerationManager
from chatapp.store.message_log import MessageLog
from chatapp.web.waiting import wait

PAGE_LENGTH = 50
LATEST = 5
"""Number of messages shown on a person's page."""


class PeopleViews:
    """Renders the list of people and the page of one person, with an error or a result."""

    def __init__(
        self,
        people: PeopleManager,
        roster: PeopleDirectory,
        moderation: ModerationManager,
        log: MessageLog,
        where: Where,
    ) -> None:
        """`where("")` are the rooms whose messages can be shown on a person's page."""
        self._people = people
        self._where = where
        self._roster = roster
        self._moderation = moderation
        self._log = log

    def everybody(self, error: ChatError | None = None, **news: Any) -> Response:
        query, after = request.args.get("q", "").strip(), request.args.get("after", "")
        matching = self._people.named(query, after=after, limit=PAGE_LENGTH + 1)
        visits = self._people.registry.sessions.last_seen()
        return page(
            "admin/people.html",
            error,
            accounts=matching[:PAGE_LENGTH],
            statuses={one.key: self._roster.status_of(one) for one in matching},
            photos={one.key: self._roster.photo_of(one) for one in matching},
            states={one.key: self._roster.state_of(one) for one in matching},
            more=matching[PAGE_LENGTH - 1].key if len(matching) > PAGE_LENGTH else None,
            seen={one.key: self._last_active(one, visits) for one in matching},
            bans=self._moderation.bans(),
            invites=self._people.invites(),
            invite_days=INVITE_DAYS,
            query=query,
            **news,
        )

    def one(self, name: str, error: ChatError | None = None, **news: Any) -> Response:
        account = self._people.registry.find(name)
        return page(
            "admin/person.html",
            error,
            account=account,
            state=self._roster.state_of(account),
            status=self._roster.status_of(account),
            photo=self._roster.photo_of(account),
            seen=self._last_active(account, self._people.registry.sessions.last_seen()),
            roles=get_args(Role),
            sessions=self._people.registry.sessions.named(account),
            ban=self._moderation.ban_of(account),
            latest=wait(self._log.find(sender=account.name, rooms=self._where(""), limit=LATEST)),
            **news,
        )

    def _last_active(self, account: Account, visits: dict[str, str]) -> str | None:
        """When the person was last active, in the chat or on any page."""
        moments = (self._roster.last_seen(account), visits.get(account.key))
        return max(filter(None, moments), default=None)


def add_people_pages(admin: Blueprint, pages: PeopleViews) -> None:
    @admin.get("/people")
    def everybody_page() -> Response:
        return pages.everybody()

    @admin.get("/person")
    def person() -> Response:
        """A person's page. Names can contain any characters, so they are not in the path."""
        return pages.one(request.args.get("name", ""))
