"""Signatures after Standard Webhooks 1.0: https://www.standardwebhooks.com.

    webhook-signature: v1,<base64 of HMAC-SHA256(key, "<webhook-id>.<webhook-timestamp>.<body>")>

The key are the bytes behind `whsec_`. While a secret is being replaced, there are two signatures,
separated by a space.

The server needs the secrets to sign, so it cannot keep only a digest. The tables have them sealed
(XSalsa20 and Poly1305, by libsodium) with a key that follows from the server's own secret, which is
neither in the tables nor in a backup of them:

    sealed_<base64 of nonce and ciphertext>
"""

import hmac
import importlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, SigningKey

if TYPE_CHECKING:
    from nacl.secret import SecretBox

PREFIX = "whsec_"
SEALED = "sealed_"
KEY_BYTES = 32
"""The standard allows 24 to 64."""
NONCE_BYTES = 24


class SealedSecrets:
    """Seals and opens secrets with a key that follows from `server_secret`. `randomness(count)`
    gives random bytes."""

    def __init__(self, server_secret: bytes, randomness: Callable[[int], bytes]) -> None:
        self._key = hmac.digest(server_secret, b"secrets of outgoing webhooks", "sha256")
        self._randomness = randomness
        self._opened: dict[str, bytes | None] = {}

    def seal(self, secret: str) -> str:
        nonce = self._randomness(NONCE_BYTES)
        return SEALED + b64encode(self._box.encrypt(_key_of(secret), nonce)).decode()

    def keys_at(self, webhook: OutgoingWebhook, now: str) -> list[bytes]:
        """The keys that sign at a timestamp, the newest first."""
        signing = [key for key in webhook.keys if key.until is None or key.until > now]
        return [opened for key in signing if (opened := self._open(key)) is not None]

    def can_sign(self, webhook: OutgoingWebhook) -> bool:
        """Whether its secret was sealed by a server with the same secret."""
        return self._open(webhook.keys[0]) is not None

    def _open(self, key: SigningKey) -> bytes | None:
        if key.secret not in self._opened:
            self._opened[key.secret] = self._opened_now(key.secret)
        return self._opened[key.secret]

    def _opened_now(self, secret: str) -> bytes | None:
        if not is_sealed(secret):
            return _key_of(secret)
        try:
            return self._box.decrypt(b64decode(secret.removeprefix(SEALED)))
        except importlib.import_module("nacl.exceptions").CryptoError:
            return None

    @cached_property
    def _box(self) -> "SecretBox":
        """Its library is imported only by a chat with webhooks."""
        box: SecretBox = importlib.import_module("nacl.secret").SecretBox(self._key)
        return box


def new_secret(randomness: Callable[[int], bytes]) -> str:
    return PREFIX + b64encode(randomness(KEY_BYTES)).decode()


def is_sealed(secret: str) -> bool:
    """Not so in rows of the first version."""
    return secret.startswith(SEALED)


def headers(keys: Iterable[bytes], id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of an attempt; `at` are seconds since 1970."""
    signed = f"{id}.{at}.".encode() + body
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(key: bytes, signed: bytes) -> str:
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()


def _key_of(secret: str) -> bytes:
    return b64decode(secret.removeprefix(PREFIX))
