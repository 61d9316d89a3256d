"""Proves that events stand in the log as a reader knows them.

    body ── SHA-256 ──► digest in what is shown ──► leaf (event_leaf.py)
    leaves, `nodes` ──► `events`, a root of a signed checkpoint

What is hashed are bytes that come with the proof, so nobody needs a canonical form: they are
compared with the event. What a reader may not know is withheld, and `require_reasons` says where
that can be: anywhere else it would prove nothing.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import sha256
from typing import TypeVar

import msgspec

from chatapp.domain.model import Event, FileInfo, LinkPreview, Poll, Via
from chatapp.domain.polls import BALLOT, is_closing
from chatapp.domain.structs import prepare
from chatapp.domain.transparency.checkpoints import SignedCheckpoint
from chatapp.domain.transparency.event_leaf import (
    DIGEST_OF_NOTHING,
    NOTHING,
    HeadParts,
    RemovableHead,
    SecretHead,
    ShownHead,
    digest_of,
    leaf_of_digests,
)
from chatapp.domain.transparency.merkle import root_above_all

T = TypeVar("T")

_DIGEST = re.compile("[0-9a-f]{64}")
_SALT = re.compile("[0-9a-f]{32}")


class Unproven(Exception):
    """The proof does not prove anything; says why, in one sentence."""


class ProofPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a leaf: its `text`, which is JSON, and its `salt`, 32 hex digits. If it is
    withheld, only its `digest`, 64 hex digits."""

    text: str = ""
    salt: str = ""
    digest: str = ""


class EventProof(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A record of the log, as far as its reader may know it. `n` is its number, `body` its body as
    it stands, `"text":…`, unless that is withheld. There may be nothing `removable` or `secret` in
    it."""

    seq: int
    n: int
    shown: ProofPart
    body: str = ""
    removable: ProofPart | None = None
    secret: ProofPart | None = None


class ProvenBody(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    files: list[FileInfo] | None = None
    previews: list[LinkPreview] | None = None
    poll: Poll | None = None
    via: Via | None = None


_decode_shown = msgspec.json.Decoder(ShownHead).decode
_decode_removable = msgspec.json.Decoder(RemovableHead).decode
_decode_secret = msgspec.json.Decoder(SecretHead).decode
_decode_body = msgspec.json.Decoder(ProvenBody).decode
prepare([EventProof])

_OF_SHOWN = (
    *("room", "seq", "sender", "at", "cid", "reply_to", "emoji", "on", "system", "thread"),
    *("also_to_room", "moved_from", "moved_to"),
)
_OF_BODY = ("text", "files", "previews", "via")


# Checking


def check_events(
    checkpoint: SignedCheckpoint,
    proofs: Sequence[EventProof],
    nodes: Sequence[str],
    events: Mapping[int, Event],
) -> None:
    """That these events, by seq, are records of the checkpoint. Raises Unproven.

    Whether the checkpoint is signed, and what may be withheld, is for the caller to check.
    """
    leaves: dict[int, bytes] = {}
    size, n = checkpoint.last - checkpoint.first + 1, checkpoint.first - 1
    for proof in proofs:
        if not n < proof.n <= checkpoint.last:
            raise Unproven(f"Its record {proof.n} is not one that its checkpoint is about.")
        n = proof.n
        leaves[n - checkpoint.first] = _leaf(proof)
        if changed := differences(events[proof.seq], proof):
            raise Unproven(
                f"Event {proof.seq} stands in the log in another form ({', '.join(changed)})."
            )
    if not leaves:
        raise Unproven("It is about no event.")
    root = root_above_all(leaves, size, [bytes_of_digest(each) for each in nodes])
    if root is None or root.hex() != checkpoint.events:
        raise Unproven(
            f"Events {proofs[0].seq} to {proofs[-1].seq} do not lead to the root of the checkpoint "
            f"of {checkpoint.at}: the log was changed after it was signed."
        )


def differences(event: Event, proof: EventProof) -> list[str]:
    """The names of those fields in which an event is not what is proven. Raises Unproven if this
    is no proof of an event."""
    shown = _decoded(_decode_shown, proof.shown.text)
    changed = [name for name in _OF_SHOWN if getattr(shown, name) != getattr(event, name)]
    if (shown.seq, shown.n) != (proof.seq, proof.n):
        changed.append("n")
    if not _is_same_kind(event, shown):
        changed.append("type")
    if (event.text is None) != (shown.body is None):
        changed.append("text")
    changed += _differences_in_body(event, proof, shown)
    if _is_told(proof.removable):
        removable = _decoded(_decode_removable, _text(proof.removable))
        told = RemovableHead(forwarded=event.forwarded, blobs=event.blobs)
        changed += _unlike(removable, told, ("forwarded", "blobs"))
    if not _is_told(proof.secret):
        return changed if shown.by == event.by else [*changed, "by"]
    secret = _decoded(_decode_secret, _text(proof.secret))
    if (shown.by or secret.by) != event.by:
        changed.append("by")
    if event.vote is not None and event.vote != secret.vote:
        changed.append("vote")
    return changed


def require_reasons(event: Event, proof: EventProof, deleted: Collection[int]) -> bool:
    """Whether anything is withheld. Raises Unproven unless the event itself shows why. `deleted`
    are the seqs of messages that were."""
    is_gone = event.erased_at is not None or (event.target or event.seq) in deleted
    is_secret = event.forwarded is not None and event.forwarded.private
    is_secret |= event.type == "react" and event.emoji == BALLOT and event.vote is None
    has_body = _decoded(_decode_shown, proof.shown.text).body is not None
    withheld = {
        "text": has_body and not proof.body and not is_gone,
        "files": not _is_told(proof.removable) and not is_gone,
        "secret": not _is_told(proof.secret) and not is_secret and not is_gone,
    }
    if lacking := [name for name, is_wrong in withheld.items() if is_wrong]:
        raise Unproven(
            f"A part of event {proof.seq} is withheld ({', '.join(lacking)}), and nothing says why."
        )
    in_full = _is_told(proof.removable) and _is_told(proof.secret)
    return not in_full or (has_body and not proof.body)


# Making


def proof_of_event(
    told: Event, parts: HeadParts, salts: Sequence[bytes], body: bytes, n: int
) -> EventProof:
    """The proof for a reader who knows the event as it is `told`: what the record says besides is
    withheld."""
    whole = EventProof(
        seq=told.seq,
        n=n,
        shown=_told(parts.shown, salts[0]),
        body=body.decode(),
        removable=None if parts.removable == NOTHING else _told(parts.removable, salts[1]),
        secret=None if parts.secret == NOTHING else _told(parts.secret, salts[2]),
    )
    shown, withheld = _decode_shown(parts.shown), dict[str, object]()
    if _unlike(shown, told, _OF_SHOWN):
        withheld["shown"] = ProofPart(digest=digest_of(salts[0], parts.shown).hex())
    if _differences_in_body(told, whole, shown):
        withheld["body"] = ""
    removable = _decode_removable(parts.removable)
    if (removable.forwarded, removable.blobs) != (told.forwarded, told.blobs):
        withheld["removable"] = ProofPart(digest=digest_of(salts[1], parts.removable).hex())
    secret = _decode_secret(parts.secret)
    is_anonymous = secret.by not in (None, told.by)
    if secret.forwarded is not None or secret.vote != told.vote or is_anonymous:
        withheld["secret"] = ProofPart(digest=digest_of(salts[2], parts.secret).hex())
    return msgspec.structs.replace(whole, **withheld) if withheld else whole


def _told(part: bytes, salt: bytes) -> ProofPart:
    return ProofPart(text=part.decode(), salt=salt.hex())


# Parts


def bytes_of_digest(digits: str) -> bytes:
    """Raises Unproven unless it is 64 hex digits, in lower case."""
    if not _DIGEST.fullmatch(digits):
        raise Unproven("It has something else in the place of 64 hex digits.")
    return bytes.fromhex(digits)


def _differences_in_body(event: Event, proof: EventProof, shown: ShownHead) -> list[str]:
    if not proof.body:
        return []
    if sha256(proof.body.encode("utf-8", "surrogatepass")).hexdigest() != shown.body:
        raise Unproven(f"The text of event {proof.seq} is not the one that it should have.")
    body = _decoded(_decode_body, f"{{{proof.body}}}")
    changed = _unlike(body, event, _OF_BODY)
    if body.poll != event.poll and not is_closing(event):
        changed.append("poll")
    return changed


def _unlike(one: object, other: object, names: Sequence[str]) -> list[str]:
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def _is_same_kind(event: Event, shown: ShownHead) -> bool:
    """A lost event is told as a message that deletes itself."""
    if shown.type == "lost":
        return event.type == "delete" and event.target == event.seq
    return shown.type == event.type and shown.target == event.target


def _is_told(part: ProofPart | None) -> bool:
    return part is None or not part.digest


def _text(part: ProofPart | None) -> str:
    return NOTHING.decode() if part is None else part.text


def _leaf(proof: EventProof) -> bytes:
    if not _is_told(proof.shown):
        raise Unproven(f"Event {proof.seq} is withheld.")
    return leaf_of_digests(*map(_digest_of_part, (proof.shown, proof.removable, proof.secret)))


def _digest_of_part(part: ProofPart | None) -> bytes:
    if part is None:
        return DIGEST_OF_NOTHING
    if part.digest:
        return bytes_of_digest(part.digest)
    if not _SALT.fullmatch(part.salt):
        raise Unproven("It has something else in the place of a salt.")
    try:
        return digest_of(bytes.fromhex(part.salt), part.text.encode())
    except UnicodeEncodeError:
        raise Unproven("It has something else in the place of a text.") from None


def _decoded(decode: Callable[[str], T], text: str) -> T:
    try:
        return decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Unproven(f"It has something else in the place of a record: {error}.") from None
