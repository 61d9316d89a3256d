"""Who sits at this terminal.

A name in use belongs to the key that its connection brought. So that `chatapp send` may speak
while `chatapp chat` is open in the next window, both bring the same key: it is made from a
secret in the person's own files and the address of the chat, so that no chat learns the key of
another.
"""

import getpass
import hashlib
import os
import secrets
from pathlib import Path

from chatapp.errors import ChatError
from chatapp.limits import checked_name

SECRET_BYTES = 32
KEY_BYTES = 24


def login_name() -> str | None:
    """The name of this computer's user, if it can be a name in a chat."""
    try:
        return checked_name(getpass.getuser())
    except (ChatError, OSError, KeyError):
        return None


def key_for(url: str) -> str | None:
    """This person's key at this chat; None where nothing can be kept."""
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
