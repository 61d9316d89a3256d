"""`/.well-known/chatapp-log-key`: the public key of the log's checkpoints, and the newest one."""

import msgspec
from flask import Blueprint, Response, request

from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.log.signed_checkpoint import SignedCheckpoint, key_id


class PublishedKey(msgspec.Struct, frozen=True, kw_only=True):
    """An Ed25519 key; `public_key` is 64 hex digits."""

    id: str
    algorithm: str = "Ed25519"
    public_key: str


class LogKey(msgspec.Struct, frozen=True, kw_only=True):
    """None before the first checkpoint."""

    key: PublishedKey | None
    checkpoint: SignedCheckpoint | None


def checkpoints_blueprint(checkpoints: CheckpointManager) -> Blueprint:
    views = Blueprint("checkpoints", __name__)

    @views.get("/.well-known/chatapp-log-key")
    def log_key() -> Response:
        key = checkpoints.key
        told = LogKey(
            key=PublishedKey(id=key_id(key.public), public_key=key.public) if key else None,
            checkpoint=checkpoints.latest,
        )
        answer = Response(msgspec.json.encode(told), content_type="application/json")
        answer.headers["Cache-Control"] = "no-cache"
        answer.add_etag()
        return answer.make_conditional(request)  # type: ignore[return-value]

    return views
