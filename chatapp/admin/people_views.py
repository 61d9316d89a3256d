"""The console's people: who has an account, what they may do, invitations, bans.

Whether an admin may do what is asked is for the managers to say; a refusal comes back on
the page that asked.
"""

from collections.abc import Callable
from typing import Any, get_args

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.model import Role
from chatapp.accounts.people import INVITE_DAYS, PeopleManager
from chatapp.accounts.qr import qr_code
from chatapp.admin.forms import acting_admin, field, number, page
from chatapp.admin.reading import LogReader
from chatapp.errors import BadPayload, ChatError
from chatapp.limits import name_key
from chatapp.moderation.manager import ModerationManager
from chatapp.waiting import wait
from chatapp.wire import Ban

PAGE_LENGTH = 50
LATEST = 5
"""So many of a person's messages are on their page."""


def add_people_pages(
    admin: Blueprint,
    people: PeopleManager,
    moderation: ModerationManager,
    log: LogReader,
    show_out: Callable[[], None],
) -> None:
    def everybody(error: ChatError | None = None, **news: Any) -> Response:
        query, after = request.args.get("q", "").strip(), request.args.get("after", "")
        fitting = people.named(query, after=after, limit=PAGE_LENGTH + 1)
        return page(
            "admin/people.html",
            error,
            accounts=fitting[:PAGE_LENGTH],
            more=fitting[PAGE_LENGTH - 1].key if len(fitting) > PAGE_LENGTH else None,
            seen=people.last_seen(),
            bans=moderation.bans(),
            invites=people.invites(),
            invite_days=INVITE_DAYS,
            query=query,
            **news,
        )

    def one(name: str, error: ChatError | None = None, **news: Any) -> Response:
        account = people.find(name)
        return page(
            "admin/person.html",
            error,
            account=account,
            roles=get_args(Role),
            sessions=people.sessions(account),
            ban=moderation.bans().get(f"name:{account.key}"),
            latest=log.find(sender=account.name, limit=LATEST),
            **news,
        )

    @admin.get("/people")
    def everybody_page() -> Response:
        return everybody()

    # Invitations

    @admin.post("/invites")
    def invite() -> Response:
        try:
            secret = wait(
                people.invite(
                    g.admin,
                    role=_role(field("role")),
                    uses=_number("uses"),
                    days=_number("days"),
                )
            )
        except ChatError as error:
            return everybody(error)
        link = url_for("accounts.invite", secret=secret, _external=True)
        return everybody(link=link, qr=qr_code(link))

    @admin.post("/invites/<id>/revoke")
    def revoke_invite(id: str) -> Response:
        try:
            wait(people.revoke_invite(g.admin, id))
        except ChatError as error:
            return everybody(error)
        return redirect(url_for("admin.everybody_page"), 303)

    # One person. Names have all kinds of characters, so they are no part of a path.

    @admin.get("/person")
    def person() -> Response:
        return one(request.args.get("name", ""))

    @admin.post("/person/role")
    def give_role() -> Response:
        return act(lambda name: wait(people.give_role(g.admin, name, _role(field("role")))))

    @admin.post("/person/end-sessions")
    def end_sessions() -> Response:
        return act(lambda name: people.end_sessions(g.admin, name))

    @admin.post("/person/reset")
    def reset() -> Response:
        name = people.find(field("name")).name
        try:
            secret = wait(people.reset_link(g.admin, name))
        except ChatError as error:
            return one(name, error)
        return one(name, link=url_for("accounts.forgotten", secret=secret, _external=True))

    @admin.post("/person/ban")
    def ban() -> Response:
        def keep_out(name: str) -> None:
            people.require_power_over(g.admin, people.find(name))
            wait(moderation.ban(acting_admin(), Ban(name=name, reason=field("reason"))))
            show_out()

        return act(keep_out)

    @admin.post("/person/unban")
    def unban() -> Response:
        return act(lambda name: wait(moderation.unban(acting_admin(), Ban(name=name))))

    @admin.post("/person/remove")
    def remove() -> Response:
        name = people.find(field("name")).name
        try:
            if name_key(field("confirm")) != name_key(name):
                raise BadPayload("Type the name of the account to remove it.")
            wait(people.remove(g.admin, name))
        except ChatError as error:
            return one(name, error)
        return redirect(url_for("admin.everybody_page"), 303)

    def act(step: Callable[[str], object]) -> Response:
        """Do it to the person of the form, and show their page, with what came of it."""
        name = people.find(field("name")).name
        try:
            step(name)
        except ChatError as error:
            return one(name, error)
        return redirect(url_for("admin.person", name=name), 303)


def _role(role: str) -> Role:
    if role not in get_args(Role):
        raise BadPayload(f"{role!r} is no role.")
    return role  # type: ignore[return-value]


def _number(name: str) -> int:
    return number(field(name), name)
