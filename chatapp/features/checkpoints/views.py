"""`/.well-known/chatapp-log-key`: the public keys of the log's checkpoints, and the newest one."""

import msgspec
from flask import Blueprint, Response, request

from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint
from chatapp.features.checkpoints.manager import CheckpointManager


class LogKey(msgspec.Struct, frozen=True, kw_only=True):
    """The key that signs, and all that have; None before the first checkpoint."""

    key: PublishedKey | None
    checkpoint: SignedCheckpoint | None
    keys: list[PublishedKey]


def checkpoints_blueprint(checkpoints: CheckpointManager) -> Blueprint:
    views = Blueprint("checkpoints", __name__)

    @views.get("/.well-known/chatapp-log-key")
    def log_key() -> Response:
        key = checkpoints.key
        told = LogKey(
            key=key.published if key else None,
            checkpoint=checkpoints.latest,
            keys=checkpoints.keys,
        )
        answer = Response(msgspec.json.encode(told), content_type="application/json")
        answer.headers["Cache-Control"] = "no-cache"
        answer.add_etag()
        return answer.make_conditional(request)  # type: ignore[return-value]

    return views
