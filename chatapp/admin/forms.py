"""What the console's forms have in common: fields, who sent them, pages that come back."""

from typing import Any

from flask import g, make_response, render_template, request
from werkzeug.wrappers import Response

from chatapp.accounts.manager import as_person
from chatapp.errors import BadPayload, ChatError
from chatapp.limits import MAX_INTEGER
from chatapp.model import Person
from chatapp.web.errors import status_of
from chatapp.web.languages import words_of_reader


def acting_admin() -> Person:
    """The admin whose request this is, as the managers know people."""
    return as_person(g.admin)


def field(name: str) -> str:
    return request.form.get(name, "")


def number(text: str, what: str) -> int:
    """A whole number as somebody typed it; raises `BadPayload`."""
    if not (text.isascii() and text.isdigit() and len(text) < len(str(MAX_INTEGER))):
        raise BadPayload(f"The number of {what} must be a whole number.")
    return int(text)


def page(template: str, error: ChatError | None = None, **values: Any) -> Response:
    """A page; after a refusal with what is wrong, and the status that says so."""
    problem = error and words_of_reader().refusal(error, "console")
    shown = render_template(template, problem=problem, **values)
    return make_response(shown, status_of(error) if error else 200)
