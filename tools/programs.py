"""The programs that pip cannot install: a Chromium, jq, PostgreSQL, Redis and HAProxy.

People have a Chrome; the machines that only run tests are mostly Debian or Ubuntu, and root.
"""

import os
import shutil
from collections.abc import Mapping
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


def find_haproxy() -> str | None:
    """The path of the balancer, which Debian has among the programs of administrators."""
    return shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


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
    """Makes sure that the tests have theirs."""
    _provide(
        "The tests need",
        {
            _PACKAGE: find_chromium(),
            "jq": shutil.which("jq"),
            "postgresql": _has_postgres(),
            "redis-server": find_redis(),
        },
        " Any Chromium or Chrome will do; CHATAPP_CHROMIUM may name it.",
    )


def provide_cluster_programs() -> None:
    """Makes sure that `make cluster` has its own."""
    found = {
        "postgresql": _has_postgres(),
        "redis-server": find_redis(),
        "haproxy": find_haproxy(),
    }
    _provide("A cluster needs", found)


def _provide(needs: str, found: Mapping[str, object], hint: str = "") -> None:
    """Installs Debian's packages that were not found, where that is ours to do."""
    missing = [package for package, path in found.items() if not path]
    if not missing:
        return
    if not (os.geteuid() == 0 and shutil.which("apt-get")):
        raise SetupError(
            f"{needs} {' and '.join(missing)}: install what is missing, then run make again.{hint}"
        )
    tell(f"Installing {' and '.join(missing)} …")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get update", ["apt-get", "update"], quiet)
    run("apt-get install", ["apt-get", "install", "--yes", *missing], quiet)
