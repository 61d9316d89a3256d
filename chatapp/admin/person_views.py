"""What admins do to one person: how they are shown, role, sessions, a lost password, bans, removal.

Each form names the person in a field. Afterwards their page is shown, with what came of it.
"""

from collections.abc import Callable

from flask import Blueprint, g, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager, asked_profile
from chatapp.admin.forms import acting_admin
from chatapp.admin.people_views import PeoplePages, asked_role
from chatapp.errors import BadPayload, ChatError
from chatapp.limits import name_key
from chatapp.moderation.manager import ModerationManager
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other
from chatapp.wire import Ban

Act = Callable[[Callable[[str], object]], Response]
"""Does a step to the person of the form, by name, and shows their page."""


def add_person_pages(
    admin: Blueprint,
    people: PeopleManager,
    profiles: ProfileManager,
    moderation: ModerationManager,
    pages: PeoplePages,
    *,
    show_out: Callable[[], None],
) -> None:
    def act(step: Callable[[str], object]) -> Response:
        name = people.find(field("name")).name
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

    add_account_acts(admin, people, pages, act)
    add_ban_acts(admin, people, moderation, act, show_out)


def add_account_acts(admin: Blueprint, people: PeopleManager, pages: PeoplePages, act: Act) -> None:
    @admin.post("/person/role")
    def give_role() -> Response:
        return act(lambda name: wait(people.give_role(g.admin, name, asked_role(field("role")))))

    @admin.post("/person/end-sessions")
    def end_sessions() -> Response:
        return act(lambda name: people.end_sessions(g.admin, name))

    @admin.post("/person/reset")
    def reset() -> Response:
        name = people.find(field("name")).name
        try:
            secret = wait(people.reset_link(g.admin, name))
        except ChatError as error:
            return pages.one(name, error)
        return pages.one(name, link=url_for("accounts.forgotten", secret=secret, _external=True))

    @admin.post("/person/remove")
    def remove() -> Response:
        name = people.find(field("name")).name
        try:
            if name_key(field("confirm")) != name_key(name):
                raise BadPayload("Type the name of the account to remove it.")
            wait(people.remove(g.admin, name))
        except ChatError as error:
            return pages.one(name, error)
        return see_other(url_for("admin.everybody_page"))


def add_ban_acts(
    admin: Blueprint,
    people: PeopleManager,
    moderation: ModerationManager,
    act: Act,
    show_out: Callable[[], None],
) -> None:
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
