"""The identity of the person at this terminal.

While a name is in use, only connections with the same key can use it. So that `chatapp send` works
while `chatapp chat` is open in another window, both use the same key. It is derived from a secret
in the person's files and the address of the chat, so that no chat learns the key of another.
"""

import getpass
import hashlib
import os
import secrets
from pathlib import Path

from chatapp.domain.errors import ChatError
from chatapp.domain.limits import checked_name

SECRET_BYTES = 32
KEY_BYTES = 24


def login_name() -> str | None:
    """The login name of this computer's user, if it is a valid name in a chat."""
    try:
        return checked_name(getpass.getuser())
    except (ChatError, OSError, KeyError):
        return None


def key_for(url: str) -> str | None:
    """This person's key for this chat; None if the secret cannot be stored."""
    try:
        secret = _secret(_state_folder() / "key")
    except (OSError, RuntimeError):
        return None
    return hashlib.blake2b(url.encode(), key=secret, digest_size=KEY_BYTES).hexdigest()


def _secret(file: Path) -> bytes:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()[:SECRET_BYTES]
    secret = secrets.token_bytes(SECRET_BYTES)
    with open(descriptor, "wb") as new:
        new.write(secret)
    return secret


def _state_folder() -> Path:
    """https://specifications.freedesktop.org/basedir-spec/latest/"""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state else Path.home() / ".local" / "state") / "chatapp"
