"""The console's invitations: links for creating accounts."""

from flask import Blueprint, g, url_for
from werkzeug.wrappers import Response

from chatapp.admin.forms import number
from chatapp.admin.views.people import PeopleViews
from chatapp.domain.errors import ChatError
from chatapp.features.accounts.invitations.qr import qr_code
from chatapp.features.accounts.model import checked_role
from chatapp.features.accounts.people import PeopleManager
from chatapp.web.forms import field, see_other
from chatapp.web.reach import url_for_others
from chatapp.web.waiting import wait


def add_invite_pages(admin: Blueprint, people: PeopleManager, pages: PeopleViews) -> None:
    @admin.post("/invites")
    def invite() -> Response:
        try:
            secret = wait(
                people.invite(
                    g.admin,
                    role=checked_role(field("role")),
                    uses=number(field("uses"), "uses"),
                    days=number(field("days"), "days"),
                )
            )
        except ChatError as error:
            return pages.everybody(error)
        link = url_for_others("accounts.invite", secret=secret)
        return pages.everybody(link=link, qr=qr_code(link))

    @admin.post("/invites/<id>/revoke")
    def revoke_invite(id: str) -> Response:
        try:
            wait(people.revoke_invite(g.admin, id))
        except ChatError as error:
            return pages.everybody(error)
        return see_other(url_for("admin.everybody_page"))
