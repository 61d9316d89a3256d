"""Forms: what was typed, where it leads, and the page that comes back with what is wrong."""

import math
from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from chatapp.errors import ChatError
from chatapp.web.errors import status_of
from chatapp.web.languages import words_of_reader


def field(name: str) -> str:
    return request.form.get(name, "")


def see_other(path: str) -> Response:
    """303: the browser asks for the page by GET, and a reload does not send the form again."""
    return redirect(path, 303)


def form_page(
    template: str, where: str, error: ChatError | None = None, *, least: int = 0, **values: Any
) -> Response:
    """A page; after a refusal with what is wrong in the words of `where`, and the status of it.

    `least` is how many characters a password has, for those pages that ask for one.
    """
    if error is None:
        return make_response(render_template(template, problem=None, **values))
    problem = words_of_reader().refusal(error, where, least=least)
    response = make_response(render_template(template, problem=problem, **values), status_of(error))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response
