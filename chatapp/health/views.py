"""`/healthz`, `/readyz`, `/metrics`: for those who watch over servers."""

from collections.abc import Callable

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from chatapp.config import is_loopback
from chatapp.errors import NotAllowed


def health_blueprint(
    registry: CollectorRegistry,
    *,
    is_writable: Callable[[], bool],
    is_stopping: Callable[[], bool],
) -> Blueprint:
    """`is_writable()`: the log takes messages. `is_stopping()`: no new visitors, please."""
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
        """For Prometheus, from this machine only, and not through a proxy that stands on it."""
        is_near = (
            is_loopback(request.remote_addr or "") and "X-Forwarded-For" not in request.headers
        )
        if not is_near:
            raise NotAllowed("The metrics are for this machine only.")
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return health
