"""Passwords: hashed with argon2id, outside the event loop.

A hash takes 50 ms of a core and 46 MB on purpose. On the event loop it would stop the whole chat
for that time, so `run` passes it to a few threads (hashing.py), where argon2 releases the GIL.
"""

import base64
from collections.abc import Callable
from typing import Any

import argon2

from chatapp.domain.errors import BadPayload, TooLong

MIN_PASSWORD_CHARACTERS = 8
"""NIST SP 800-63B and OWASP ASVS 5.0 (6.2.1) require 8 or more."""
MAX_PASSWORD_CHARACTERS = 256

MEMORY_KIB = 46 * 1024
ITERATIONS = 1
LANES = 1
"""OWASP Password Storage Cheat Sheet, first choice for argon2id."""

Run = Callable[[Callable[..., Any], tuple[Any, ...]], Any]
"""Calls a function in another thread and waits for its result."""


class Passwords:
    """Computes and checks hashes. Calls are slow; only the calling greenlet waits."""

    def __init__(self, run: Run, *, memory_kib: int = MEMORY_KIB) -> None:
        self._run = run
        self._argon2 = argon2.PasswordHasher(
            time_cost=ITERATIONS, memory_cost=memory_kib, parallelism=LANES
        )
        self._decoy = _decoy(memory_kib)

    def hash(self, password: str) -> str:
        hashed: str = self._run(self._argon2.hash, (password,))
        return hashed

    def matches(self, hashed: str | None, password: str) -> bool:
        """Whether the password matches the hash. Without a hash, or with the empty one of an
        account that nobody has claimed, False after the same time."""
        right: bool = self._run(self._verify, (hashed or self._decoy, password))
        return right and bool(hashed)

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was computed with parameters other than today's."""
        return self._argon2.check_needs_rehash(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        except argon2.exceptions.VerifyMismatchError:
            return False


def checked_password(password: str) -> str:
    """The new password, if it is long enough."""
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise BadPayload(f"A password has at least {MIN_PASSWORD_CHARACTERS} characters.")
    return hashable(password)


def hashable(password: str) -> str:
    if len(password) > MAX_PASSWORD_CHARACTERS:
        raise TooLong(f"A password has at most {MAX_PASSWORD_CHARACTERS} characters.")
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise BadPayload("The password contains an unpaired surrogate.")
    return password


def _decoy(memory_kib: int) -> str:
    """A hash without a password: unknown names then take as long to check as known ones."""
    salt, digest = _unpadded(bytes(16)), _unpadded(bytes(32))
    return f"$argon2id$v=19$m={memory_kib},t={ITERATIONS},p={LANES}${salt}${digest}"


def _unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
