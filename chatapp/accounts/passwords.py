"""Passwords: hashed with argon2id, in a few threads beside the event loop.

A hash is meant to be slow, 50 ms of a core and 46 MB. On the event loop that would stop
every chat for as long, so `run` hands it to a small pool of threads; argon2 releases the
GIL there. Who waits for a free thread is counted: a flood of sign-ins is told to come
back later, before it holds memory and threads for minutes.
"""

import base64
from collections.abc import Callable
from typing import Any

import argon2

from chatapp.errors import BadPayload, TooLong, Unavailable

MIN_PASSWORD_CHARACTERS = 8
"""NIST SP 800-63B and OWASP ASVS 5.0 (6.2.1) ask for 8 or more."""
MAX_PASSWORD_CHARACTERS = 256
MAX_WAITING = 32

MEMORY_KIB = 46 * 1024
ITERATIONS = 1
LANES = 1
"""OWASP Password Storage Cheat Sheet, first choice for argon2id."""

Run = Callable[[Callable[..., Any], tuple[Any, ...]], Any]
"""Calls a function with arguments, elsewhere, and waits: `gevent.threadpool.ThreadPool.apply`."""


class Passwords:
    """Makes and checks hashes. Each call takes its time; only the calling greenlet waits."""

    def __init__(self, run: Run, *, memory_kib: int = MEMORY_KIB) -> None:
        self._run = run
        self._waiting = 0
        self._argon2 = argon2.PasswordHasher(
            time_cost=ITERATIONS, memory_cost=memory_kib, parallelism=LANES
        )
        self._decoy = _decoy(memory_kib)

    def hash(self, password: str) -> str:
        hashed: str = self._beside(self._argon2.hash, password)
        return hashed

    def matches(self, hashed: str | None, password: str) -> bool:
        """Whether the password is the one of the hash; without a hash, no, after the same time."""
        right: bool = self._beside(self._verify, hashed or self._decoy, password)
        return right and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(hashed)

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        except argon2.exceptions.VerifyMismatchError:
            return False

    def _beside(self, function: Callable[..., Any], *arguments: Any) -> Any:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many people are signing in just now. Try again in a moment.")
        self._waiting += 1
        try:
            return self._run(function, arguments)
        finally:
            self._waiting -= 1


def checked_password(password: str) -> str:
    """A new password as it was typed, if it is long enough."""
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise BadPayload(f"A password has at least {MIN_PASSWORD_CHARACTERS} characters.")
    return hashable(password)


def hashable(password: str) -> str:
    if len(password) > MAX_PASSWORD_CHARACTERS:
        raise TooLong(f"A password has at most {MAX_PASSWORD_CHARACTERS} characters.")
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise BadPayload("The password has half a character (a lone surrogate) in it.")
    return password


def _decoy(memory_kib: int) -> str:
    """No password's hash, as slow to check as any: an unknown name takes as long as a known one."""
    salt, digest = _unpadded(bytes(16)), _unpadded(bytes(32))
    return f"$argon2id$v=19$m={memory_kib},t={ITERATIONS},p={LANES}${salt}${digest}"


def _unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
