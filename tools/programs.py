"""The programs that the tests use and pip cannot install: a Chromium, jq, PostgreSQL and Redis.

People have a Chrome; the machines that only run tests are mostly Debian or Ubuntu, and root.
"""

import os
import shutil
from pathlib import Path

from tools.steps import SetupError, run, tell

_PACKAGE = "chromium-headless-shell"
"""Chromium without its own windows, menus and side panels: half the work for the same pages."""

_CHROMIUMS = (
    _PACKAGE,
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find_chromium() -> str | None:
    """The path of a Chromium or Chrome; the one that `CHATAPP_CHROMIUM` names, if it names one."""
    if named := os.environ.get("CHATAPP_CHROMIUM"):
        if found := shutil.which(named):
            return found
        raise SetupError(f"CHATAPP_CHROMIUM is {named!r}, but there is no such program.")
    return next(filter(None, map(shutil.which, _CHROMIUMS)), None)


def find_postgres() -> Path:
    """The folder of PostgreSQL's programs, which Debian keeps out of the PATH."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *_beside(shutil.which("initdb"))]
    usable = [folder for folder in folders if (folder / "initdb").exists()]
    if not usable:
        raise SetupError("PostgreSQL's programs are missing: install the package postgresql.")
    return max(usable, key=_version)


def find_redis() -> str | None:
    """The path of Redis, or of Valkey, which is a fork of it."""
    return next(filter(None, map(shutil.which, ("redis-server", "valkey-server"))), None)


def _beside(program: str | None) -> list[Path]:
    return [Path(program).resolve().parent] if program else []


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _has_postgres() -> bool:
    try:
        find_postgres()
    except SetupError:
        return False
    return True


def provide_programs() -> None:
    """Makes sure that they are there; installs Debian's packages where that is ours to do."""
    found = {
        _PACKAGE: find_chromium(),
        "jq": shutil.which("jq"),
        "postgresql": _has_postgres(),
        "redis-server": find_redis(),
    }
    missing = [package for package, path in found.items() if not path]
    if not missing:
        return
    if not (os.geteuid() == 0 and shutil.which("apt-get")):
        raise SetupError(
            f"The tests need {' and '.join(missing)}: install what is missing, then run make "
            "again. Any Chromium or Chrome will do; CHATAPP_CHROMIUM may name it."
        )
    tell(f"Installing {' and '.join(missing)} for the tests …")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get update", ["apt-get", "update"], quiet)
    run("apt-get install", ["apt-get", "install", "--yes", *missing], quiet)
