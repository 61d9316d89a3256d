"""What the pages of accounts have in common: sessions that change hands, forms that come back."""

from typing import Any

from flask import request, session
from werkzeug.wrappers import Response

from chatapp.accounts.manager import SignedIn
from chatapp.accounts.passwords import MIN_PASSWORD_CHARACTERS
from chatapp.accounts.sessions import Visitor
from chatapp.errors import ChatError
from chatapp.model import Person
from chatapp.web.forms import form_page, see_other
from chatapp.web.paths import local_path


def become(identity: dict[str, str]) -> None:
    """The session is somebody else's from now on: nothing planted in it before is kept."""
    session.clear()
    session.update(identity)
    session.permanent = True


def enter(signed_in: SignedIn, path: str) -> Response:
    become({"sid": signed_in.sid})
    return see_other(path)


def form(template: str, error: ChatError | None = None, **values: Any) -> Response:
    """A page with one form; after a refusal with what was typed, and what is wrong with it."""
    return form_page(
        template,
        template.removesuffix(".html"),
        error,
        least=MIN_PASSWORD_CHARACTERS,
        next=next_path(""),
        min_password=MIN_PASSWORD_CHARACTERS,
        **values,
    )


def name_of(person: Person | None) -> str:
    return person.name if person else ""


def next_path(otherwise: str) -> str:
    """Where the visitor wanted to go."""
    return local_path(request.values.get("next"), otherwise)


def visitor() -> Visitor:
    return Visitor(address=request.remote_addr or "", device=request.headers.get("User-Agent", ""))
