"""The command line's commands for checkpoints. They are the same with and without a running
server."""

from collections.abc import Callable
from typing import Any

from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint
from chatapp.features.checkpoints.manager import CheckpointManager


def checkpoint_commands(checkpoints: CheckpointManager) -> dict[str, Callable[..., Any]]:
    def sign() -> dict[str, SignedCheckpoint | bool | None]:
        made = checkpoints.sign_now(None)
        return {"signed": made is not None, "checkpoint": made or checkpoints.latest}

    def rotate_key() -> dict[str, PublishedKey]:
        return {"key": checkpoints.rotate_key(None).published}

    return {"log.checkpoint": sign, "log.rotate-key": rotate_key}
