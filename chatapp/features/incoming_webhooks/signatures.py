"""Proof that a delivery comes from the site that knows the webhook's signing secret.

    X-Hub-Signature-256: sha256=<HMAC of the body>    GitHub, Gitea, Forgejo
    X-Gitea-Signature: <the same>                     older Gitea
    X-Gitlab-Token: <the secret itself>               GitLab

The signing secret follows from the webhook's key and the secret of this server, so no table has it.
"""

import hmac

from chatapp.domain.errors import Unauthorized
from chatapp.features.incoming_webhooks.model import IncomingDelivery


def signing_secret(server_secret: bytes, key: str) -> str:
    return hmac.digest(server_secret, f"incoming webhook {key}".encode(), "sha256").hex()


def require_signature(delivery: IncomingDelivery, secret: str) -> None:
    """Raises `Unauthorized` unless the delivery proves that its sender knows the secret."""
    expected = hmac.digest(secret.encode(), delivery.body, "sha256").hex()
    shown = delivery.header("x-hub-signature-256").removeprefix("sha256=")
    shown = shown or delivery.header("x-gitea-signature")
    if not shown:
        shown, expected = delivery.header("x-gitlab-token"), secret
    if not hmac.compare_digest(shown.encode(), expected.encode()):
        raise Unauthorized("This webhook needs a signature; it is missing or wrong.")
