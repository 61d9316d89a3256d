"""Proof that a delivery comes from the site that knows the webhook's signing secret.

    X-Hub-Signature-256: sha256=<HMAC of the body>    GitHub, Gitea, Forgejo
    X-Gitea-Signature: <the same>                     older Gitea; so X-Forgejo-Signature
    X-Grafana-Alerting-Signature: <the same>          Grafana; of "<time>:<body>" if it sends a time
    webhook-signature: v1,<Base64 of the HMAC>        GitLab's signing token, and whoever follows
                                                      https://www.standardwebhooks.com
    X-Gitlab-Token: <the secret itself>               GitLab's secret token

All HMACs are SHA-256, in hexadecimal where nothing else is said. The first header that a delivery
has counts, so nobody gets in by a weaker one beside it.

The signing secret follows from the webhook's key and the secret of this server, so no table has it.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime

from chatapp.domain.errors import Unauthorized
from chatapp.features.incoming_webhooks.model import IncomingDelivery

TOLERANCE_SECONDS = 300
"""How old a signature with a time may be."""
GRAFANA_TIMES = ("x-grafana-alerting-signature-timestamp", "x-grafana-alerting-timestamp")
"""Grafana has no default for this header; these are the names in its documentation."""

Expected = Callable[[IncomingDelivery, str, datetime], tuple[str, ...]]
"""The values of a header that prove the secret, at a time; none if the signature is too old."""


def signing_secret(server_secret: bytes, key: str) -> str:
    return hmac.digest(server_secret, f"incoming webhook {key}".encode(), "sha256").hex()


def require_signature(delivery: IncomingDelivery, secret: str, now: datetime) -> None:
    """Raises `Unauthorized` unless the delivery proves that its sender knows the secret."""
    for header, expected in PROOFS.items():
        if shown := delivery.header(header):
            signatures = shown.split(" ") if header == "webhook-signature" else [shown]
            if any(
                hmac.compare_digest(one.encode(), right.encode())
                for right in expected(delivery, secret, now)
                for one in signatures
            ):
                return
            break
    raise Unauthorized("This webhook needs a signature; it is missing or wrong.")


def _standard(delivery: IncomingDelivery, secret: str, now: datetime) -> tuple[str, ...]:
    id, at = delivery.header("webhook-id"), delivery.header("webhook-timestamp")
    if not _is_fresh(at, now):
        return ()
    signed = f"{id}.{at}.".encode() + delivery.body
    return (f"v1,{b64encode(hmac.digest(b64decode(secret), signed, 'sha256')).decode()}",)


def _hub(delivery: IncomingDelivery, secret: str, _now: datetime) -> tuple[str, ...]:
    digest = _digest(secret, delivery.body)
    return f"sha256={digest}", digest


def _plain(delivery: IncomingDelivery, secret: str, _now: datetime) -> tuple[str, ...]:
    return (_digest(secret, delivery.body),)


def _grafana(delivery: IncomingDelivery, secret: str, now: datetime) -> tuple[str, ...]:
    at = next(filter(None, map(delivery.header, GRAFANA_TIMES)), "")
    if not at:
        return _plain(delivery, secret, now)
    return (_digest(secret, f"{at}:".encode() + delivery.body),) if _is_fresh(at, now) else ()


def _token(_delivery: IncomingDelivery, secret: str, _now: datetime) -> tuple[str, ...]:
    return (secret,)


PROOFS: dict[str, Expected] = {
    "webhook-signature": _standard,
    "x-hub-signature-256": _hub,
    "x-gitea-signature": _plain,
    "x-forgejo-signature": _plain,
    "x-grafana-alerting-signature": _grafana,
    "x-gitlab-token": _token,
}


def _digest(secret: str, signed: bytes) -> str:
    return hmac.digest(secret.encode(), signed, "sha256").hex()


def _is_fresh(at: str, now: datetime) -> bool:
    """Whether so many seconds since 1970 are about now."""
    if not (at.isascii() and at.isdigit() and len(at) < 16):
        return False
    return abs(now.timestamp() - int(at)) <= TOLERANCE_SECONDS
