"""`/healthz`, `/readyz` and `/metrics`, for monitoring."""

from collections.abc import Callable

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from werkzeug.datastructures import Authorization

from chatapp.config import is_loopback
from chatapp.domain.errors import NotAllowed
from chatapp.domain.model import Person

PROXY_HEADERS = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Server"),
    *("Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Via"),
)
"""Headers of proxies; every proxy adds at least one of these."""
METRICS_REFUSAL = "The metrics are for this machine, and for tokens with the scope 'metrics'."


def health_blueprint(
    registry: CollectorRegistry,
    *,
    problem: Callable[[], str | None],
    is_stopping: Callable[[], bool],
    bearer: Callable[[str], Person],
) -> Blueprint:
    """`problem()`: why writes fail at the moment, or None. `is_stopping()`: whether the server is
    shutting down.

    `bearer(token)` is the token's person; raises `Unauthorized`.
    """
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> str:
        """The process is alive and its event loop responds."""
        return "ok"

    @health.get("/readyz")
    def readyz() -> tuple[str, int]:
        """Whether a load balancer should send new visitors to this server."""
        if is_stopping():
            return "stopping", 503
        if why := problem():
            return f"read only: {why}", 503
        return "ready", 200

    @health.get("/metrics")
    def metrics() -> Response:
        """For Prometheus, on this machine or with a token."""
        if not _is_local():
            _check_token(request.authorization, bearer)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return health


def _is_local() -> bool:
    """Whether the request comes directly from this machine, not through a proxy on it."""
    has_passed_a_proxy = any(header in request.headers for header in PROXY_HEADERS)
    return is_loopback(request.remote_addr or "") and not has_passed_a_proxy


def _check_token(shown: Authorization | None, bearer: Callable[[str], Person]) -> None:
    if shown is None or shown.type != "bearer" or shown.token is None:
        raise NotAllowed(METRICS_REFUSAL)
    if "metrics" not in bearer(shown.token).scopes:
        raise NotAllowed(METRICS_REFUSAL)
