"""The console's invitations: links with which people make their accounts."""

from flask import Blueprint, g, url_for
from werkzeug.wrappers import Response

from chatapp.accounts.people import PeopleManager
from chatapp.accounts.qr import qr_code
from chatapp.admin.forms import number
from chatapp.admin.people_views import PeoplePages, asked_role
from chatapp.errors import ChatError
from chatapp.waiting import wait
from chatapp.web.forms import field, see_other


def add_invite_pages(admin: Blueprint, people: PeopleManager, pages: PeoplePages) -> None:
    @admin.post("/invites")
    def invite() -> Response:
        try:
            secret = wait(
                people.invite(
                    g.admin,
                    role=asked_role(field("role")),
                    uses=number(field("uses"), "uses"),
                    days=number(field("days"), "days"),
                )
            )
        except ChatError as error:
            return pages.everybody(error)
        link = url_for("accounts.invite", secret=secret, _external=True)
        return pages.everybody(link=link, qr=qr_code(link))

    @admin.post("/invites/<id>/revoke")
    def revoke_invite(id: str) -> Response:
        try:
            wait(people.revoke_invite(g.admin, id))
        except ChatError as error:
            return pages.everybody(error)
        return see_other(url_for("admin.everybody_page"))
