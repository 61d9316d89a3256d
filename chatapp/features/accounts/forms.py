"""Shared by the pages of accounts: new sessions, and forms with errors."""

from typing import Any

from flask import request, session
from werkzeug.wrappers import Response

from chatapp.domain.errors import BadName, ChatError, NameTaken
from chatapp.domain.model import Person
from chatapp.features.accounts.manager import SignedIn
from chatapp.features.accounts.sign_in.passwords import MIN_PASSWORD_CHARACTERS
from chatapp.features.accounts.sign_in.sessions import Visitor
from chatapp.web.forms import form_page, local_path, see_other


def start_session(identity: dict[str, str]) -> None:
    """Start a new session; nothing from the old one is kept, so that it cannot be fixed in
    advance."""
    session.clear()
    session.update(identity)
    session.permanent = True


def enter(signed_in: SignedIn, path: str) -> Response:
    start_session({"sid": signed_in.sid})
    return see_other(path)


def form(template: str, error: ChatError | None = None, **values: Any) -> Response:
    """A page with one form; after a refusal, with the input and the error."""
    return form_page(
        template,
        template.removesuffix(".html"),
        error,
        least=MIN_PASSWORD_CHARACTERS,
        next=next_path(""),
        min_password=MIN_PASSWORD_CHARACTERS,
        is_name_wrong=isinstance(error, NameTaken | BadName),
        **values,
    )


def name_of(person: Person | None) -> str:
    return person.name if person else ""


def next_path(otherwise: str) -> str:
    """The page that the visitor originally requested."""
    return local_path(request.values.get("next"), otherwise)


def visitor() -> Visitor:
    return Visitor(address=request.remote_addr or "", device=request.headers.get("User-Agent", ""))
