"""Forms: reading fields, redirecting, and showing a page again with an error."""

import re
from typing import Any

from flask import make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from chatapp.domain.errors import ChatError
from chatapp.web.errors import with_status
from chatapp.web.languages import words_of_reader

_LOCAL_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""One slash, then visible ASCII without a backslash: browsers read `//x`, `/\\x` and
`/<tab>/x` as another host."""


def field(name: str) -> str:
    return request.form.get(name, "")


def see_other(path: str) -> Response:
    """303: the browser asks for the page by GET, and a reload does not send the form again."""
    return redirect(path, 303)


def local_path(wanted: str | None, otherwise: str) -> str:
    """The path if it stays on this site, else the other one."""
    return wanted if wanted and _LOCAL_PATH.fullmatch(wanted) else otherwise


def form_page(
    template: str, where: str, error: ChatError | None = None, *, least: int = 0, **values: Any
) -> Response:
    """Render a page; after a refusal, with the error text for `where` and the error's status.

    `least` is the minimum length of a password, for pages that ask for one.
    """
    if error is None:
        return make_response(render_template(template, problem=None, **values))
    problem = words_of_reader().refusal(error, where, least=least)
    return with_status(make_response(render_template(template, problem=problem, **values)), error)
