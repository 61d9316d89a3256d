"""The command line's command for checkpoints. It is the same with and without a running server."""

from collections.abc import Callable
from typing import Any

from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.log.signed_checkpoint import SignedCheckpoint


def checkpoint_commands(checkpoints: CheckpointManager) -> dict[str, Callable[..., Any]]:
    def sign() -> dict[str, SignedCheckpoint | bool | None]:
        made = checkpoints.sign_now(None)
        return {"signed": made is not None, "checkpoint": made or checkpoints.latest}

    return {"log.checkpoint": sign}
