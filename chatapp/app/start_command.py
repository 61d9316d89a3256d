"""The command that would start this chat for the whole network. The page shows it while only this
machine can open the chat."""

import shlex
from collections.abc import Mapping
from typing import Any

from chatapp.config import Config

STARTED_WITH = "CHATAPP_STARTED_WITH"
"""The variable in which the Makefile passes `make run`."""
EVERYWHERE = "0.0.0.0"  # noqa: S104 - for people to read
OWN_SETTINGS = ("port", "data")
"""Settings without which it would be another chat; they can also come from the environment."""
SECRET_SETTINGS = frozenset(["postgres", "redis", "files"])
"""URLs with a password, in whose place the page shows `URL`."""


def network_command(
    config: Config, program: str, given: Mapping[str, Any], environ: Mapping[str, str]
) -> str:
    """`program` was started with these options (None: not given)."""
    kept = {name: str(getattr(config, name)) for name in OWN_SETTINGS if name in config.given}
    said = {
        name: "URL" if name in SECRET_SETTINGS else str(value)
        for name, value in given.items()
        if value is not None
    }
    options = {"host": EVERYWHERE, **kept, **said} | {"host": EVERYWHERE}
    if environ.get(STARTED_WITH):
        variables = [f"CHATAPP_{name.upper()}={shlex.quote(options[name])}" for name in options]
        return " ".join([*variables, environ[STARTED_WITH]])
    flags = [word for name in options for word in (f"--{name.replace('_', '-')}", options[name])]
    python = "python " if program.endswith(".py") else ""
    return f"{python}{program} {shlex.join(flags)}"
