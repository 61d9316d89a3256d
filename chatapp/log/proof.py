"""Proves that a record is one of those that a signed checkpoint is about.

    line ── SHA-256 ──► body digest, in the head ── SHA-256 with `previous` ──► the record's hash
    hash ── leaf, `path` ──► root ── Ed25519 ──► the checkpoint's signature

A record whose text is erased proves its place, sender and time. docs/log-format.md has a program of
forty lines that checks the same.
"""

import re

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from chatapp.log import format
from chatapp.log.format import Damage, Record
from chatapp.log.merkle import leaf_of, root_above
from chatapp.log.signed_checkpoint import SignedCheckpoint, key_id

MAX_PROOF_BYTES = 4 << 20
"""Larger files are no proofs: a record has at most a part of this, and a path is short."""
VERSION = 1

_DIGEST = re.compile("[0-9a-f]{64}")
_SIGNATURE = re.compile("[0-9a-f]{128}")


class Unproven(Exception):
    """The proof does not prove anything; says why, in one sentence."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """`line` is the record as it stands in the log, without its newline; `previous` is the hash of
    the record before it; `path` leads from its hash to the checkpoint's root."""

    proof: int
    line: str
    previous: str
    path: list[str]
    checkpoint: SignedCheckpoint


_decode = msgspec.json.Decoder(Proof).decode


def decode_proof(content: bytes) -> Proof:
    """Raises Unproven if these bytes are no proof."""
    if len(content) > MAX_PROOF_BYTES:
        raise Unproven(f"It is larger than {MAX_PROOF_BYTES:,} bytes, so it is no proof.")
    try:
        proof = _decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unproven(f"It is no proof: {error}.") from None
    if proof.proof != VERSION:
        raise Unproven(f"It has version {proof.proof}, and this program knows {VERSION}.")
    return proof


def check_proof(proof: Proof, public: str) -> Record:
    """The proven record. `public` is the public key of the chat, 64 hex digits; where it comes from
    is what the proof rests on. Raises Unproven."""
    check_signature(proof.checkpoint, public)
    checkpoint = proof.checkpoint
    line, record = _record(proof)
    if not checkpoint.first <= record.n <= checkpoint.last:
        raise Unproven(
            f"It is about record {record.n}, and its checkpoint about {checkpoint.first} to "
            f"{checkpoint.last}."
        )
    leaf = leaf_of(format.line_hash(line))
    index, size = record.n - checkpoint.first, checkpoint.last - checkpoint.first + 1
    root = root_above(leaf, index, size, [_bytes(each) for each in proof.path])
    if root is None or root.hex() != checkpoint.root:
        raise Unproven("Its path does not lead to the root of its checkpoint.")
    return record


def check_signature(checkpoint: SignedCheckpoint, public: str) -> None:
    """Raises Unproven unless this key has signed the checkpoint."""
    if not _SIGNATURE.fullmatch(checkpoint.signature):
        raise Unproven("Its checkpoint has no signature of 128 hex digits.")
    if checkpoint.key != key_id(public):
        raise Unproven("Its checkpoint was signed with another key.")
    try:
        VerifyKey(_bytes(public)).verify(checkpoint.statement, bytes.fromhex(checkpoint.signature))
    except (BadSignatureError, UnicodeEncodeError):
        raise Unproven("The signature of its checkpoint is wrong.") from None


def public_of(seed: str) -> str:
    """The public key of a seed, as hex digits."""
    return bytes(SigningKey(bytes.fromhex(seed)).verify_key).hex()


def signed(checkpoint: SignedCheckpoint, seed: str) -> SignedCheckpoint:
    key = SigningKey(bytes.fromhex(seed))
    return msgspec.structs.replace(
        checkpoint,
        key=key_id(bytes(key.verify_key).hex()),
        signature=key.sign(checkpoint.statement).signature.hex(),
    )


def _record(proof: Proof) -> tuple[bytes, Record]:
    """The line with its newline, and the record, whose bytes have the hash that stands in it."""
    try:
        line = proof.line.encode() + b"\n"
        format.check_crc(line)
        format.place_of(line)
        previous = _bytes(proof.previous).hex().encode()
        if format.expected_hash(line, previous) != format.line_hash(line):
            raise Unproven("Its record was changed, or does not follow the record before it.")
        return line, format.decode_record(line)
    except UnicodeEncodeError:
        raise Unproven("Its record is no text.") from None
    except Damage as damage:
        raise Unproven(f"Its record was changed: {damage}.") from None


def _bytes(digits: str) -> bytes:
    """Of a digest. Raises Unproven unless it is 64 hex digits, in lower case."""
    if not _DIGEST.fullmatch(digits):
        raise Unproven("It has something else in the place of 64 hex digits.")
    return bytes.fromhex(digits)
