"""Makes the next key of the log's checkpoints, signed by the one before.

`python -m chatapp.upkeep.key_rotation` does it for a running server.
"""

from msgspec.structs import replace

from chatapp.domain.transparency.checkpoints import key_id
from chatapp.domain.transparency.signatures import public_of, signature_of
from chatapp.index.workers.worker_main import Tell, child
from chatapp.log.signed_checkpoint import CheckpointKey, KeyRotation


def rotated(asked: KeyRotation) -> CheckpointKey:
    by = key_id(public_of(asked.old))
    key = CheckpointKey(seed=asked.new, public=public_of(asked.new), at=asked.at, signed_by=by)
    return replace(key, signature=signature_of(key.published.statement, asked.old))


def _rotate(asked: KeyRotation, tell: Tell) -> None:
    tell(key=rotated(asked))


if __name__ == "__main__":
    child(KeyRotation, _rotate)
