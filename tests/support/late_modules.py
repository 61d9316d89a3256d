"""A network on which scripts, style sheets and parts of the page come late, some later than others.

    .venv/bin/pytest -p tests.support.late_modules tests/page

Servers that the tests start wait before each answer under /static. A test that presses before there
is somebody to hear it fails then, and so does one of a page that loses what people did before its
modules had come. Tests that measure times fail too, and need not be mended.
"""

import os
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import gevent
from flask import Flask

LONGEST_MS = "LATE_MODULES_MS"
"""The variable that has the longest wait, for a server of the tests (warm.py)."""
DEFAULT_MS = "800"
WAITED_FOR = ("/static/", "/worker.js")


def pytest_configure() -> None:
    os.environ.setdefault(LONGEST_MS, DEFAULT_MS)


def answer_late(longest_ms: float) -> None:
    """From now on in this process, a server."""
    random = Random()
    answer: Callable[..., Iterable[bytes]] = Flask.wsgi_app

    def answer_later(app: Flask, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(WAITED_FOR):
            gevent.sleep(random.uniform(0, longest_ms / 1000))
        return answer(app, environ, start)

    Flask.wsgi_app = answer_later  # type: ignore[method-assign,assignment]
