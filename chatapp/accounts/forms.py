"""What the pages of accounts have in common: sessions that change hands, forms that come back."""

import math
from typing import Any

from flask import make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response

from chatapp.accounts.manager import SignedIn
from chatapp.accounts.passwords import MIN_PASSWORD_CHARACTERS
from chatapp.accounts.sessions import Visitor
from chatapp.errors import ChatError
from chatapp.model import Person
from chatapp.web.errors import status_of
from chatapp.web.languages import words_of_reader
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
    name = template.removesuffix(".html")
    page = render_template(
        template,
        problem=error and words_of_reader().refusal(error, name, least=MIN_PASSWORD_CHARACTERS),
        next=next_path(""),
        min_password=MIN_PASSWORD_CHARACTERS,
        **values,
    )
    response = make_response(page, status_of(error) if error else 200)
    if error and error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def field(name: str) -> str:
    return request.form.get(name, "")


def name_of(person: Person | None) -> str:
    return person.name if person else ""


def next_path(otherwise: str) -> str:
    """Where the visitor wanted to go."""
    return local_path(request.values.get("next"), otherwise)


def visitor() -> Visitor:
    return Visitor(address=request.remote_addr or "", device=request.headers.get("User-Agent", ""))


def see_other(path: str) -> Response:
    """303: the browser asks for the page by GET, and a reload does not send the form again."""
    return redirect(path, 303)
