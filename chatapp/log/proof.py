"""Proves that a record is one of those that a signed checkpoint is about.

    line ── SHA-256 ──► body digest, in the head ── SHA-256 with `previous` ──► the record's hash
    hash ── leaf, `path` ──► root ── Ed25519 ──► the checkpoint's signature

A record whose text is erased proves its place, sender and time. docs/log-format.md has a program of
forty lines that checks the same.
"""

import msgspec

from chatapp.domain.transparency.checkpoints import SignedCheckpoint, key_id
from chatapp.domain.transparency.event_proofs import Unproven, bytes_of_digest
from chatapp.domain.transparency.merkle import leaf_of, root_above
from chatapp.domain.transparency.signatures import check_signature, public_of, signature_of
from chatapp.log import format
from chatapp.log.format import Damage, Record

MAX_PROOF_BYTES = 4 << 20
"""Larger files are no proofs: a record has at most a part of this, and a path is short."""
VERSION = 1


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
    root = root_above(leaf, index, size, [bytes_of_digest(each) for each in proof.path])
    if root is None or root.hex() != checkpoint.root:
        raise Unproven("Its path does not lead to the root of its checkpoint.")
    return record


def signed(checkpoint: SignedCheckpoint, seed: str) -> SignedCheckpoint:
    return msgspec.structs.replace(
        checkpoint,
        key=key_id(public_of(seed)),
        signature=signature_of(checkpoint.statement, seed),
    )


def _record(proof: Proof) -> tuple[bytes, Record]:
    """The line with its newline, and the record, whose bytes have the hash that stands in it."""
    try:
        line = proof.line.encode() + b"\n"
        format.check_crc(line)
        format.place_of(line)
        previous = bytes_of_digest(proof.previous).hex().encode()
        if format.expected_hash(line, previous) != format.line_hash(line):
            raise Unproven("Its record was changed, or does not follow the record before it.")
        return line, format.decode_record(line)
    except UnicodeEncodeError:
        raise Unproven("Its record is no text.") from None
    except Damage as damage:
        raise Unproven(f"Its record was changed: {damage}.") from None
