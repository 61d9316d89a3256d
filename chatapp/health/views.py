"""`/healthz`, `/readyz`, `/metrics`: for those who watch over servers."""

from collections.abc import Callable

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from werkzeug.datastructures import Authorization

from chatapp.config import is_loopback
from chatapp.errors import NotAllowed
from chatapp.model import Person

METRICS_ARE_FOR = "The metrics are for this machine, and for tokens with the scope 'metrics'."


def health_blueprint(
    registry: CollectorRegistry,
    *,
    is_writable: Callable[[], bool],
    is_stopping: Callable[[], bool],
    bearer: Callable[[str], Person],
) -> Blueprint:
    """`is_writable()`: the log takes messages. `is_stopping()`: no new visitors, please.

    `bearer(token)` is whom a token stands for; it raises `Unauthorized`.
    """
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> str:
        """The process lives and its event loop turns."""
        return "ok"

    @health.get("/readyz")
    def readyz() -> tuple[str, int]:
        """Whether new visitors should be sent here."""
        if is_stopping():
            return "stopping", 503
        if not is_writable():
            return "read only: the disk is full or failing", 503
        return "ready", 200

    @health.get("/metrics")
    def metrics() -> Response:
        """For Prometheus, on this machine or with a token."""
        if not _is_near():
            _check_token(request.authorization, bearer)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return health


def _is_near() -> bool:
    """Whether the request comes from this machine, and not through a proxy that stands on it."""
    return is_loopback(request.remote_addr or "") and "X-Forwarded-For" not in request.headers


def _check_token(shown: Authorization | None, bearer: Callable[[str], Person]) -> None:
    if shown is None or shown.type != "bearer" or shown.token is None:
        raise NotAllowed(METRICS_ARE_FOR)
    if "metrics" not in bearer(shown.token).scopes:
        raise NotAllowed(METRICS_ARE_FOR)
