"""Actions of admins on one person: profile, status, role, sessions, password reset, bans, removal.

Each form has the person's name in a field. Afterwards the person's page shows the result.
"""

from collections.abc import Callable

from flask import Blueprint, g, url_for
from werkzeug.wrappers import Response

from chatapp.admin.views.people import PeopleViews
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.future import Future
from chatapp.domain.limits import name_key
from chatapp.domain.rights import By
from chatapp.features.accounts.invitations.qr import qr_code
from chatapp.features.accounts.model import checked_role
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.profiles import ProfileManager, asked_profile
from chatapp.features.moderation.manager import ModerationManager
from chatapp.protocol.requests import Ban
from chatapp.web.forms import field, see_other
from chatapp.web.reach import url_for_others
from chatapp.web.waiting import wait

Act = Callable[[Callable[[str], object]], Response]
"""Runs an action on the person named in the form, and shows their page."""


def add_person_pages(
    admin: Blueprint,
    people: PeopleManager,
    profiles: ProfileManager,
    moderation: ModerationManager,
    pages: PeopleViews,
    *,
    clear_status: Callable[[By, str], Future[None]],
    remove_photo: Callable[[By, str], Future[None]],
    disconnect_banned: Callable[[], None],
) -> None:
    def act(step: Callable[[str], object]) -> Response:
        name = people.registry.find(field("name")).name
        try:
            step(name)
        except ChatError as error:
            return pages.one(name, error)
        return see_other(url_for("admin.person", name=name))

    @admin.post("/person/profile")
    def profile() -> Response:
        def show_as(name: str) -> None:
            change = asked_profile(field("display_name"), field("colour"))
            wait(profiles.change(g.admin, name, change))

        return act(show_as)

    @admin.post("/person/clear-status")
    def clear_status_of() -> Response:
        return act(lambda name: wait(clear_status(g.admin, name)))

    @admin.post("/person/remove-photo")
    def remove_photo_of() -> Response:
        return act(lambda name: wait(remove_photo(g.admin, name)))

    add_account_acts(admin, people, pages, act)
    add_ban_acts(admin, moderation, act, disconnect_banned)


def add_account_acts(admin: Blueprint, people: PeopleManager, pages: PeopleViews, act: Act) -> None:
    @admin.post("/person/role")
    def give_role() -> Response:
        return act(lambda name: wait(people.give_role(g.admin, name, checked_role(field("role")))))

    @admin.post("/person/end-sessions")
    def end_sessions() -> Response:
        return act(lambda name: people.end_sessions(g.admin, name))

    @admin.post("/person/reset")
    def reset() -> Response:
        name = people.registry.find(field("name")).name
        try:
            secret = wait(people.reset_link(g.admin, name))
        except ChatError as error:
            return pages.one(name, error)
        return pages.one(name, link=url_for_others("accounts.forgotten", secret=secret))

    @admin.post("/person/invite")
    def invite_to_account() -> Response:
        name = people.registry.find(field("name")).name
        try:
            secret = wait(people.invite_to(g.admin, name))
        except ChatError as error:
            return pages.one(name, error)
        link = url_for_others("accounts.invite", secret=secret)
        return pages.one(name, claim=link, qr=qr_code(link))

    @admin.post("/person/remove")
    def remove() -> Response:
        name = people.registry.find(field("name")).name
        try:
            if name_key(field("confirm")) != name_key(name):
                raise BadPayload("Type the name of the account to remove it.")
            wait(people.remove(g.admin, name))
        except ChatError as error:
            return pages.one(name, error)
        return see_other(url_for("admin.everybody_page"))


def add_ban_acts(
    admin: Blueprint, moderation: ModerationManager, act: Act, disconnect_banned: Callable[[], None]
) -> None:
    @admin.post("/person/ban")
    def ban() -> Response:
        def keep_out(name: str) -> None:
            wait(moderation.ban(g.admin, Ban(name=name, reason=field("reason"))))
            disconnect_banned()

        return act(keep_out)

    @admin.post("/person/unban")
    def unban() -> Response:
        return act(lambda name: wait(moderation.unban(g.admin, Ban(name=name))))
