"""Banned people cannot open any page: they see the reason, and can only sign out."""

from collections.abc import Callable

from flask import Blueprint, request

from chatapp.domain.errors import NotAllowed, Unauthorized
from chatapp.domain.model import Person
from chatapp.features.moderation.manager import ModerationManager
from chatapp.web.file_answers import is_file

OPEN_TO_ALL = ("accounts.leave", "health.healthz", "health.readyz", "health.metrics")


def moderation_blueprint(
    who: Callable[[], Person | None], moderation: ModerationManager
) -> Blueprint:
    """`who()` is the visitor of the current request; None if they are unknown."""
    pages = Blueprint("moderation", __name__)

    @pages.before_app_request
    def check_entry() -> None:
        if is_file(request) or request.endpoint in OPEN_TO_ALL:
            return  # The page with the reason needs its files.
        person = who()
        if person is None:
            return
        try:
            moderation.check_entry(person, request.remote_addr or "")
        except Unauthorized as banned:
            raise NotAllowed(banned.message) from None

    return pages
