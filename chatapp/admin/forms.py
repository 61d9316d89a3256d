"""Functions for the console's forms: the acting admin, numbers, pages with errors."""

from typing import Any

from flask import g
from werkzeug.wrappers import Response

from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Person
from chatapp.features.accounts.model import as_person
from chatapp.web.forms import form_page


def acting_admin() -> Person:
    """The admin who sent this request, as a `Person`."""
    return as_person(g.admin)


def number(text: str, what: str) -> int:
    """A whole number from a form; raises `BadPayload`."""
    if not (text.isascii() and text.isdigit() and len(text) < len(str(MAX_INTEGER))):
        raise BadPayload(f"The number of {what} must be a whole number.")
    return int(text)


def page(template: str, error: ChatError | None = None, **values: Any) -> Response:
    """Render a page; after a refusal, with its error text and status."""
    return form_page(template, "console", error, **values)
