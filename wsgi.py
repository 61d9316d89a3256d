"""Start the chat from a checkout: `python wsgi.py`. The same as `chatapp serve`, same options.

It needs the packages of requirements.txt, and downloads the page's own at the first start, as `make
run` does. `app` and `create_app` are for `flask --app wsgi routes` and `shell`: they are created on
first use. A WSGI server cannot handle the sockets, and gets an error.
"""

import atexit
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.browser_packages import copy_browser_packages
from tools.steps import SetupError

NOT_INSTALLED = (
    "chatapp: run `pip install -r requirements.txt` first; `make run` does it by itself."
)

try:
    import click
except ModuleNotFoundError:
    sys.exit(NOT_INSTALLED)

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent
SERVERS = ("uwsgi", "gunicorn", "waitress", "hypercorn", "uvicorn", "mod_wsgi")
"""Modules that are imported if a server other than our own is about to serve."""
STOPS_GUNICORN = 4
"""A worker's exit code with which gunicorn stops instead of starting another worker."""


def create_app() -> "Flask":
    """The chat on the data folder of the environment's settings. It holds the folder until the
    end."""
    from chatapp.app.factory import create_app  # noqa: PLC0415 - only when it is needed
    from chatapp.cluster.errors import ClusterError  # noqa: PLC0415
    from chatapp.log.errors import StorageError  # noqa: PLC0415

    _refuse_other_servers()
    try:
        app = create_app()
    except (StorageError, ClusterError) as error:
        raise click.ClickException(str(error)) from None
    atexit.register(app.extensions["resources"].close)
    return app


def __getattr__(name: str) -> Any:
    if name in ("app", "application"):
        return create_app()
    raise AttributeError(f"module 'wsgi' has no attribute {name!r}")


def main() -> None:
    try:
        from chatapp.app.serve import serve_command  # noqa: PLC0415 - only to serve
    except ModuleNotFoundError:
        sys.exit(NOT_INSTALLED)
    try:
        copy_browser_packages()
    except (SetupError, OSError) as error:
        sys.exit(f"chatapp: the page's packages are missing; `make run` fetches them. {error}")
    _let_children_find_the_package()
    serve_command(prog_name="wsgi.py")


def _let_children_find_the_package() -> None:
    """`pip install -r requirements.txt` does not install this checkout itself."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, paths)])


def _refuse_other_servers() -> None:
    name = next((name for name in SERVERS if name in sys.modules), None)
    context = click.get_current_context(silent=True)
    if name is None and context is not None and context.info_name == "run":
        name = "flask run"
    if name is not None:
        click.echo(
            f"chatapp: {name} cannot carry the chat's sockets; "
            "start it with `python wsgi.py` or `chatapp serve`.",
            err=True,
        )
        sys.exit(STOPS_GUNICORN)


if "uwsgi" in sys.modules:  # It looks for `application` without calling __getattr__.
    _refuse_other_servers()

if __name__ == "__main__":
    main()
