"""Checks signatures of checkpoints and keys. A server does not import this: it makes them in a
process of its own."""

import re
from collections.abc import Sequence

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint, key_id
from chatapp.domain.transparency.event_proofs import Unproven, bytes_of_digest

_SIGNATURE = re.compile("[0-9a-f]{128}")


def check_signature(checkpoint: SignedCheckpoint, public: str) -> None:
    """Raises Unproven unless this key, 64 hex digits, has signed the checkpoint."""
    if not _SIGNATURE.fullmatch(checkpoint.signature):
        raise Unproven("Its checkpoint has no signature of 128 hex digits.")
    if checkpoint.key != key_id(public):
        raise Unproven("Its checkpoint was signed with another key.")
    if not is_signed(checkpoint.statement, checkpoint.signature, public):
        raise Unproven("The signature of its checkpoint is wrong.")


def successors(known: str, keys: Sequence[PublishedKey]) -> list[PublishedKey]:
    """The keys that follow the `known` one, 64 hex digits, each signed by the one before it."""
    following: list[PublishedKey] = []
    current = known
    for key in sorted(keys, key=lambda key: key.since):
        if key.signed_by == key_id(current) and is_successor(key, current):
            following.append(key)
            current = key.public_key
    return following


def is_successor(key: PublishedKey, before: str) -> bool:
    """Whether the key before, 64 hex digits, has signed this one."""
    if key.public_key == before or key.id != key_id(bytes_of_digest(key.public_key).hex()):
        return False
    return is_signed(key.statement, key.signature, before)


def is_signed(statement: bytes, signature: str, public: str) -> bool:
    if not _SIGNATURE.fullmatch(signature):
        return False
    try:
        VerifyKey(bytes_of_digest(public)).verify(statement, bytes.fromhex(signature))
    except BadSignatureError:
        return False
    return True


def signature_of(statement: bytes, seed: str) -> str:
    """128 hex digits, made with the key that follows from this seed of 64."""
    return SigningKey(bytes.fromhex(seed)).sign(statement).signature.hex()


def public_of(seed: str) -> str:
    """The public key of a seed, as hex digits."""
    return bytes(SigningKey(bytes.fromhex(seed)).verify_key).hex()
