"""What the console's forms have in common: who sent them, numbers, pages that come back."""

from typing import Any

from flask import g
from werkzeug.wrappers import Response

from chatapp.accounts.manager import as_person
from chatapp.errors import BadPayload, ChatError
from chatapp.limits import MAX_INTEGER
from chatapp.model import Person
from chatapp.web.forms import form_page


def acting_admin() -> Person:
    """The admin whose request this is, as the managers know people."""
    return as_person(g.admin)


def number(text: str, what: str) -> int:
    """A whole number as somebody typed it; raises `BadPayload`."""
    if not (text.isascii() and text.isdigit() and len(text) < len(str(MAX_INTEGER))):
        raise BadPayload(f"The number of {what} must be a whole number.")
    return int(text)


def page(template: str, error: ChatError | None = None, **values: Any) -> Response:
    """A page; after a refusal with what is wrong, and the status that says so."""
    return form_page(template, "console", error, **values)
