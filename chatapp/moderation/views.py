"""Who is banned finds no page open: they are told why, and can only sign out."""

from collections.abc import Callable

from flask import Blueprint, request

from chatapp.errors import NotAllowed, Unauthorized
from chatapp.model import Person
from chatapp.moderation.manager import ModerationManager

OPEN_TO_ALL = ("static", "accounts.leave", "health.healthz", "health.readyz", "health.metrics")


def moderation_blueprint(
    who: Callable[[], Person | None], moderation: ModerationManager
) -> Blueprint:
    """`who()` is the visitor of the current request; None is a stranger."""
    pages = Blueprint("moderation", __name__)

    @pages.before_app_request
    def check_entry() -> None:
        person = who()
        if person is None or request.endpoint in OPEN_TO_ALL:
            return
        try:
            moderation.check_entry(person.name, request.remote_addr or "")
        except Unauthorized as banned:
            raise NotAllowed(banned.message) from None

    return pages
