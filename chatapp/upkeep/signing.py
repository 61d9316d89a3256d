"""Signs checkpoints in a process of its own: it reads what is new in the log, which may be much.

So is the next key made: the server itself does not load the library that signs.
"""

from pathlib import Path

import msgspec

from chatapp.domain.structs import prepare
from chatapp.log.signed_checkpoint import CheckpointKey, KeyRotation, SignedTree, Signing
from chatapp.upkeep.processes import run_module


class NewCheckpoints(msgspec.Struct, frozen=True):
    """What was signed, oldest first, and the public key."""

    made: list[SignedTree]
    public: str


class NewKey(msgspec.Struct, frozen=True):
    """The key that signs from now on."""

    key: CheckpointKey


prepare([NewCheckpoints, NewKey])


def sign_beside(messages: Path, asked: Signing) -> NewCheckpoints:
    """Raises ProcessFailed, also if the log differs from an earlier checkpoint."""
    module = "chatapp.upkeep.checkpoints"
    told = run_module(module, str(messages), asked=asked, told=lambda _news: None)
    return msgspec.convert(told, NewCheckpoints)


def rotate_beside(asked: KeyRotation) -> CheckpointKey:
    """Raises ProcessFailed."""
    told = run_module("chatapp.upkeep.key_rotation", asked=asked, told=lambda _news: None)
    return msgspec.convert(told, NewKey).key
