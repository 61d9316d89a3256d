"""Signs checkpoints in a process of its own: it reads what is new in the log, which may be much."""

from pathlib import Path

import msgspec

from chatapp.domain.structs import prepare
from chatapp.log.signed_checkpoint import SignedCheckpoint, Signing
from chatapp.upkeep.processes import run_module


class NewCheckpoints(msgspec.Struct, frozen=True):
    """What was signed, oldest first, and the public key."""

    made: list[SignedCheckpoint]
    public: str


prepare([NewCheckpoints])


def sign_beside(messages: Path, asked: Signing) -> NewCheckpoints:
    """Raises ProcessFailed, also if the log differs from an earlier checkpoint."""
    module = "chatapp.upkeep.checkpoints"
    told = run_module(module, str(messages), asked=asked, told=lambda _news: None)
    return msgspec.convert(told, NewCheckpoints)
