"""Proofs of events prove them, and nothing else: whatever was changed is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chatapp.domain.model import Event, FileInfo, Forwarded, as_told
from chatapp.domain.polls import ANONYMOUS, BALLOT
from chatapp.domain.transparency.checkpoints import SignedCheckpoint
from chatapp.domain.transparency.event_leaf import leaf_of_record, parts_of_head, salts_of
from chatapp.domain.transparency.event_proofs import (
    EventProof,
    ProofPart,
    Unproven,
    check_events,
    proof_of_event,
    require_reasons,
)
from chatapp.domain.transparency.merkle import leaf_of, levels_of, proof_of, root_above_all
from chatapp.log.format import GENESIS, Position, Record, decode_record, encode_event, parts_of

KEY = bytes(32)
AT = "2026-11-22T09:30:00.123Z"
PLAN = FileInfo(id="f", name="plan.txt", type="text/plain", bytes=6, sha256="9f" * 32)
PRIVATE = Forwarded(sender="eva", by="e", at=AT, room="cellar", seq=7, private=True)


def event(seq: int, **more: Any) -> Event:
    said = {"text": f"text {seq}"} if more.get("type", "message") == "message" else {}
    return Event("tea", "ana", by="a", seq=seq, at=AT, **said, **more)


EVENTS = [
    event(1),
    event(2, files=[PLAN]),
    event(3, forwarded=PRIVATE),
    event(4, forwarded=replace(PRIVATE, room="hall", private=False)),
    event(5, type="react", target=1, emoji="👍", on=True),
    replace(
        event(6, type="react", target=1, emoji=BALLOT, on=True, vote=[2]),
        sender=ANONYMOUS,
        by="vote:123",
    ),
    event(7, type="delete", target=2),
    event(8, type="edit", target=1, text="another"),
]


def as_hidden(event: Event) -> Event:
    """As it is told."""
    secret = event.sender == ANONYMOUS
    return replace(as_told(event), by=None, vote=None) if secret else as_told(event)


class Signed:
    """A log of these events, and the proofs of those that are `told`."""

    def __init__(self, told: list[Event]) -> None:
        lines, previous = [], GENESIS
        for n, each in enumerate(EVENTS, 11):
            line, previous = encode_event(each, Position(n, n, 0), "s" * 16, previous)
            lines.append(line)
        self.records: list[Record] = [decode_record(line) for line in lines]
        levels = levels_of([leaf_of_record(record, KEY) for record in self.records])
        self.checkpoint = SignedCheckpoint(
            at=AT, first=11, last=18, previous="", hash="", root="", events=levels[-1][0].hex()
        )
        self.events = {each.seq: each for each in told}
        self.proofs = [self._proof(each, lines[each.seq - 1]) for each in told]
        places = [each.seq - 1 for each in told]
        nodes = proof_of(len(lines), places, lambda level, place: levels[level][place])
        self.nodes = [node.hex() for node in nodes]

    def _proof(self, told: Event, line: bytes) -> EventProof:
        record = self.records[told.seq - 1]
        parts, salts = parts_of_head(record), salts_of(KEY, record.n)
        return proof_of_event(told, parts, salts, parts_of(line)[1], record.n)

    def check(self) -> None:
        check_events(self.checkpoint, self.proofs, self.nodes, self.events)


@given(st.integers(1, 70), st.data())
def test_several_leaves_lead_to_the_root_with_what_is_missing_and_no_more(
    size: int, data: st.DataObject
) -> None:
    levels = levels_of([leaf_of(b"%d" % number) for number in range(size)])
    chosen = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    leaves = {place: levels[0][place] for place in chosen}
    proof = proof_of(size, chosen, lambda level, place: levels[level][place])

    assert root_above_all(leaves, size, proof) == levels[-1][0]
    assert root_above_all(leaves, size, [*proof, proof[0] if proof else leaf_of(b"")]) is None
    if proof:
        assert root_above_all(leaves, size, proof[:-1]) is None
    other = data.draw(st.sampled_from(sorted(chosen)))
    assert root_above_all(leaves | {other: leaf_of(b"x")}, size, proof) != levels[-1][0]


@pytest.mark.parametrize("seqs", [range(1, 9), [1], [3, 6], [8]])
def test_events_are_proven_as_they_are_told(seqs: Any) -> None:
    signed = Signed([as_hidden(EVENTS[seq - 1]) for seq in seqs])

    signed.check()

    in_part = {p.seq for p in signed.proofs if require_reasons(signed.events[p.seq], p, set())}
    assert in_part == {3, 6} & set(seqs)
    told = str(signed.proofs)
    for secret in ("cellar", "[2]", "vote:123"):
        assert secret not in told


@pytest.mark.parametrize(
    ("seq", "changed"),
    [
        (1, {"text": "text 9"}),
        (1, {"sender": "eva"}),
        (1, {"by": "e"}),
        (1, {"at": "2026-11-22T09:30:00.124Z"}),
        (1, {"room": "kitchen"}),
        (1, {"cid": "c"}),
        (1, {"reply_to": 1}),
        (1, {"thread": 1}),
        (1, {"text": None, "type": "delete", "target": 1}),
        (1, {"files": [PLAN]}),
        (2, {"files": [replace(PLAN, sha256="8f" * 32)]}),
        (2, {"files": [replace(PLAN, name="x")]}),
        (3, {"forwarded": replace(PRIVATE, sender="bo", room="", seq=0)}),
        (4, {"forwarded": None}),
        (5, {"emoji": "👎"}),
        (5, {"on": False}),
        (5, {"target": 2}),
        (7, {"target": 1}),
        (8, {"text": "another one"}),
    ],
)
def test_an_event_that_is_another_one_is_refused(seq: int, changed: dict[str, Any]) -> None:
    signed = Signed([as_hidden(each) for each in EVENTS])
    signed.events[seq] = replace(signed.events[seq], **changed)

    with pytest.raises(Unproven, match="another form"):
        signed.check()


def test_nobody_finds_a_leaf_by_trying() -> None:
    (vote,) = (each for each in Signed([]).records if each.vote)

    assert leaf_of_record(vote, KEY) != leaf_of_record(vote, b"1" * 32)
    salts = {salt for n in range(9) for salt in salts_of(KEY, n)}
    assert len(salts) == 27


def test_another_log_leads_to_another_root() -> None:
    signed = Signed([as_hidden(each) for each in EVENTS])
    part = signed.proofs[0].shown
    told = replace(part, text=part.text.replace('"sender":"ana"', '"sender":"eva"'))
    signed.proofs[0] = replace(signed.proofs[0], shown=told)
    signed.events[1] = replace(signed.events[1], sender="eva")

    with pytest.raises(Unproven, match="the log was changed after it was signed"):
        signed.check()


def test_a_text_that_its_record_does_not_have_is_refused() -> None:
    signed = Signed([EVENTS[0]])
    signed.proofs[0] = replace(signed.proofs[0], body='"text":"text 9","salt":""')
    signed.events[1] = replace(signed.events[1], text="text 9")

    with pytest.raises(Unproven, match="not the one that it should have"):
        signed.check()


@pytest.mark.parametrize(
    ("seq", "withheld", "gone"),
    [
        (1, {"body": ""}, {1}),
        (8, {"body": ""}, {1}),
        (2, {"removable": ProofPart(digest="00" * 32)}, {2}),
        (1, {"secret": ProofPart(digest="00" * 32)}, {1}),
    ],
)
def test_nothing_is_withheld_without_a_reason(
    seq: int, withheld: dict[str, Any], gone: set[int]
) -> None:
    signed = Signed([EVENTS[seq - 1]])
    proof = replace(signed.proofs[0], **withheld)

    assert require_reasons(EVENTS[seq - 1], proof, gone)
    assert require_reasons(replace(EVENTS[seq - 1], erased_at=AT), proof, set())
    with pytest.raises(Unproven, match="nothing says why"):
        require_reasons(EVENTS[seq - 1], proof, {5})


def test_what_everybody_may_know_is_never_withheld() -> None:
    signed = Signed([EVENTS[0]])
    signed.proofs[0] = replace(signed.proofs[0], shown=ProofPart(digest="00" * 32))

    with pytest.raises(Unproven, match="withheld"):
        signed.check()


def test_what_is_told_differently_is_withheld_from_its_reader() -> None:
    """A field that somebody hides later, somewhere else, is not told here."""
    (proof,) = Signed([replace(EVENTS[0], cid="c")]).proofs

    assert proof.shown.text == ""


def test_a_lost_event_is_told_as_a_message_that_deletes_itself() -> None:
    record = replace(Signed([]).records[6], type="lost", target=None)
    told = event(7, type="delete", target=7)
    proof = proof_of_event(told, parts_of_head(record), salts_of(KEY, 17), b"", 17)
    leaf = leaf_of_record(record, KEY)
    alone = SignedCheckpoint(
        at=AT, first=17, last=17, previous="", hash="", root="", events=leaf.hex()
    )

    check_events(alone, [proof], [], {7: told})
    with pytest.raises(Unproven, match="type"):
        check_events(alone, [proof], [], {7: event(7, type="delete", target=1)})


@pytest.mark.parametrize(
    "changed",
    [
        {"n": 12},
        {"n": 19},
        {"shown": ProofPart(text="{", salt="00" * 16)},
        {"shown": ProofPart(text="{}", salt="x")},
        {"removable": ProofPart(text="[]", salt="00" * 16)},
        {"secret": ProofPart(digest="x")},
        {"body": "\ud800"},
    ],
)
def test_nonsense_is_no_proof(changed: dict[str, Any]) -> None:
    signed = Signed([EVENTS[0]])
    signed.proofs[0] = replace(signed.proofs[0], **changed)

    with pytest.raises(Unproven):
        signed.check()


def test_no_proof_proves_nothing() -> None:
    signed = Signed([])

    with pytest.raises(Unproven, match="no event"):
        signed.check()
