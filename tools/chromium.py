"""Finds the browser that the tests drive."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


class NoChromium(Exception):
    """There is none. The message is one line that says what to do."""


def find_chromium() -> str:
    """The path of a Chromium or Chrome; what `CHATAPP_CHROMIUM` names comes before all others."""
    if named := os.environ.get("CHATAPP_CHROMIUM"):
        if found := shutil.which(named):
            return found
        raise NoChromium(f"CHATAPP_CHROMIUM is {named!r}, and there is no such program.")
    for candidate in (*NAMES, *map(str, APPLICATIONS)):
        if found := shutil.which(candidate):
            return found
    raise NoChromium(
        "There is no Chromium: install Chromium or Google Chrome, "
        "or set CHATAPP_CHROMIUM to the path of one, and run it again."
    )
