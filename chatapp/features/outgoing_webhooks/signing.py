"""Signatures after Standard Webhooks 1.0: https://www.standardwebhooks.com.

    webhook-signature: v1,<base64 of HMAC-SHA256(key, "<webhook-id>.<webhook-timestamp>.<body>")>

The key are the bytes behind `whsec_`. While a secret is being replaced, there are two signatures,
separated by a space.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable

from chatapp.features.outgoing_webhooks.rows import OutgoingWebhook, SigningKey

PREFIX = "whsec_"
KEY_BYTES = 32
"""The standard allows 24 to 64."""


def new_secret(randomness: Callable[[int], bytes]) -> str:
    return PREFIX + b64encode(randomness(KEY_BYTES)).decode()


def keys_at(webhook: OutgoingWebhook, now: str) -> list[SigningKey]:
    """The keys that sign at a timestamp, the newest first."""
    return [key for key in webhook.keys if key.until is None or key.until > now]


def headers(keys: Iterable[SigningKey], id: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of an attempt; `at` are seconds since 1970."""
    signed = f"{id}.{at}.".encode() + body
    return {
        "webhook-id": id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(key.secret, signed) for key in keys),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = b64decode(secret.removeprefix(PREFIX))
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
