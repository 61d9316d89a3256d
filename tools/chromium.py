"""The browser that the tests drive: finds it, or installs it where one command can.

People have a Chrome; machines that run tests are Debian or Ubuntu, and root.
"""

import os
import shutil

from tools.steps import SetupError, run, tell

NAMES = (
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
    names = [named] if (named := os.environ.get("CHATAPP_CHROMIUM")) else NAMES
    return next(filter(None, map(shutil.which, names)), None)


def provide_chromium() -> None:
    """Makes sure that there is one."""
    if find_chromium():
        return
    if os.environ.get("CHATAPP_CHROMIUM") or not (os.geteuid() == 0 and shutil.which("apt-get")):
        raise SetupError(
            "The tests need a browser: install Chromium or Google Chrome, or set "
            "CHATAPP_CHROMIUM to the path of one, and run make again."
        )
    tell("Installing Chromium for the tests …")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    run("apt-get update", ["apt-get", "update"], quiet)
    run("apt-get install chromium", ["apt-get", "install", "-y", "chromium"], quiet)
