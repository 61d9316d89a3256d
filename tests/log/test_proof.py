"""A proof proves its message, and nothing else: proofs that somebody has changed are refused."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.domain.errors import NotFound
from chatapp.domain.model import Draft
from chatapp.domain.transparency.checkpoints import SignedCheckpoint, key_id
from chatapp.domain.transparency.event_proofs import Unproven
from chatapp.domain.transparency.merkle import leaf_of, path_of, root_above, root_of
from chatapp.domain.transparency.signatures import public_of
from chatapp.log.disk import Disk
from chatapp.log.errors import StorageError
from chatapp.log.proof import MAX_PROOF_BYTES, Proof, check_proof, decode_proof, signed
from chatapp.log.signed_checkpoint import Signing
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.checkpoints import (
    StoredCheckpoints,
    checkpoint_problems,
    prove,
    sign_checkpoints,
)
from chatapp.upkeep.erase import ErasureSelector, erase
from chatapp.upkeep.retain import retain
from chatapp.upkeep.verify import verify

from .conftest import Clock, draft

SEED, OTHER_SEED, SALT_KEY = "11" * 32, "22" * 32, "33" * 32
PUBLIC = public_of(SEED)
AT = "2026-11-22T12:00:00.000Z"
DOC = Path(__file__).resolve().parents[2] / "docs" / "log-format.md"
PROGRAM, _ = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)


def sign(folder: Path, *earlier: SignedCheckpoint, most: int = 1 << 16) -> list[SignedCheckpoint]:
    asked = Signing(at=AT, seed=SEED, salt_key=SALT_KEY, earlier=list(earlier))
    return [each.checkpoint for each in sign_checkpoints(folder, asked, most_records=most)]


def stored(*checkpoints: SignedCheckpoint) -> StoredCheckpoints:
    return StoredCheckpoints(list(checkpoints), {key_id(PUBLIC): PUBLIC})


def fill(folder: Path, clock: Clock, count: int = 11) -> None:
    """Some messages in two rooms, an edit and a reaction, in several segments."""
    log = MessageLog.open(folder, clock=clock, segment_bytes=1_500)
    for number in range(count - 2):
        log.append(draft(f"¿qué tal {number}?", room="tea" if number % 3 else "general"))
    log.append(Draft(room="tea", sender="ana", type="edit", target=1, text="北京"))
    log.append(Draft(room="tea", sender="bo", type="react", target=1, emoji="👍", on=True))
    log.close()


@pytest.fixture
def folder(tmp_path: Path, clock: Clock) -> Path:
    fill(tmp_path / "messages", clock)
    return tmp_path / "messages"


def proofs(folder: Path, *checkpoints: SignedCheckpoint) -> list[Proof]:
    """One of each record."""
    heads = {"general": 3, "tea": 8}
    return [
        prove(folder, room, seq, stored(*checkpoints))
        for room, head in heads.items()
        for seq in range(1, head + 1)
    ]


# The tree


@given(st.integers(1, 70), st.data())
def test_a_path_leads_to_the_root_from_its_own_leaf_only(size: int, data: st.DataObject):
    leaves = [leaf_of(b"%d" % number) for number in range(size)]
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    path, root = path_of(leaves, index), root_of(leaves)

    assert root_above(leaves[index], index, size, path) == root
    if other != index:
        assert root_above(leaves[other], index, size, path) != root
        assert root_above(leaves[index], other, size, path) != root
    assert root_above(leaves[index], index, size, [*path, root]) is None
    if path:
        assert root_above(leaves[index], index, size, path[:-1]) is None


def test_the_tree_is_that_of_rfc_6962():
    a, b, c = (sha256(b"\0" + each).digest() for each in (b"a", b"b", b"c"))
    ab = sha256(b"\1" + a + b).digest()

    assert root_of([leaf_of(b"a")]) == a
    assert root_of([a, b, c]) == sha256(b"\1" + ab + c).digest()


# What is proven


def test_every_record_is_proven_wherever_the_checkpoints_end(folder: Path):
    for most in (1, 3, 4, 11, 100):
        checkpoints = sign(folder, most=most)
        assert [each.first for each in checkpoints] == list(range(1, 12, most))
        for proof in proofs(folder, *checkpoints):
            record = check_proof(decode_proof(msgspec.json.encode(proof)), PUBLIC)
            assert record.hash == json.loads(proof.line)["hash"]


def test_the_next_checkpoint_begins_where_the_last_one_ended(folder: Path, clock: Clock):
    (first,) = sign(folder)
    assert sign(folder, first) == []
    log = MessageLog.open(folder, clock=clock)
    log.append(draft("later"))
    log.close()

    (second,) = sign(folder, first)

    assert (second.first, second.last, second.previous) == (12, 12, first.hash)
    proof = prove(folder, "general", 4, stored(first, second))
    assert check_proof(proof, PUBLIC).text == "later"


def test_what_is_erased_still_proves_its_place(folder: Path):
    checkpoints = sign(folder)
    before = prove(folder, "tea", 2, stored(*checkpoints))

    erase(Disk(), folder, ErasureSelector(room="tea", seq=2), when="2026-11-23T00:00:00.000Z")

    after = check_proof(prove(folder, "tea", 2, stored(*checkpoints)), PUBLIC)
    assert (after.text, after.erased) == (None, "2026-11-23T00:00:00.000Z")
    assert check_proof(before, PUBLIC).text == "¿qué tal 2?"
    assert sign(folder, *checkpoints) == []


def test_what_retain_has_left_of_a_checkpoint_gets_another_one(folder: Path, clock: Clock):
    clock.advance(days=2)
    log = MessageLog.open(folder, clock=clock)
    log.append(draft("today"))
    log.close()
    old = sign(folder, most=8)
    retain(Disk(), folder, first_day="2026-11-24", backup=None, dry_run=False)
    with pytest.raises(StorageError, match="no checkpoint yet"):
        prove(folder, "general", 4, stored(*old))

    new = sign(folder, *old)

    assert [(each.first, each.last) for each in new] == [(12, 12)]
    assert new[0].previous != "0" * 64
    assert check_proof(prove(folder, "general", 4, stored(*old, *new)), PUBLIC).text == "today"
    assert sign(folder, *old, *new) == []
    assert verify(folder, checkpoints=stored(*old, *new)).problems == []


def test_a_message_that_is_not_there_is_not_found(folder: Path):
    checkpoints = stored(*sign(folder))
    for room, seq in (("general", 4), ("nowhere", 1)):
        with pytest.raises(NotFound):
            prove(folder, room, seq, checkpoints)


# A log that was changed


def rewritten(folder: Path, clock: Clock) -> None:
    """Somebody has made the log again, with another text and all hashes right."""
    for file in folder.iterdir():
        file.unlink()
    fill(folder, clock, 12)


def test_a_log_that_was_made_again_is_neither_signed_nor_proven(folder: Path, clock: Clock):
    checkpoints = sign(folder)
    rewritten(folder, clock)

    assert verify(folder).problems == []
    (problem,) = verify(folder, checkpoints=stored(*checkpoints), processes=1).problems
    assert "was changed since the checkpoint of" in problem
    with pytest.raises(StorageError, match="differs from"):
        sign(folder, *checkpoints)
    with pytest.raises(StorageError, match="differs from"):
        prove(folder, "general", 1, stored(*checkpoints))


def test_a_log_that_was_cut_is_not_signed(folder: Path, tmp_path: Path, clock: Clock):
    checkpoints = sign(folder)
    fill(tmp_path / "shorter", clock, 5)

    (problem,) = verify(tmp_path / "shorter", checkpoints=stored(*checkpoints)).problems
    assert "ends with record 5, before" in problem
    with pytest.raises(StorageError, match="ends before record 11"):
        sign(tmp_path / "shorter", *checkpoints)


def test_a_checkpoint_that_was_changed_is_a_problem(folder: Path):
    (checkpoint,) = sign(folder)
    forged = msgspec.structs.replace(checkpoint, root="0" * 64)

    (problem,) = verify(folder, checkpoints=stored(forged)).problems

    assert "wrong signature" in problem
    assert checkpoint_problems(stored(checkpoint), {11: checkpoint.hash}, verify(folder).tip) == []


# A proof that was changed


@pytest.fixture
def proof(folder: Path) -> Proof:
    return prove(folder, "tea", 2, stored(*sign(folder)))


def resealed(line: str) -> str:
    """With the right checksum, as a forger would do it."""
    covered = line[: line.rindex(',"crc":"')]
    return f'{covered},"crc":"{crc32(covered.encode()):08x}"}}'


Change = Callable[[dict[str, Any]], None]


def in_line(old: str, new: str) -> Change:
    def change(proof: dict[str, Any]) -> None:
        assert old in proof["line"]
        proof["line"] = resealed(proof["line"].replace(old, new, 1))

    return change


def in_checkpoint(name: str, value: object) -> Change:
    return lambda proof: proof["checkpoint"].update({name: value})


def signed_by_another(proof: dict[str, Any]) -> None:
    checkpoint = msgspec.convert(proof["checkpoint"], SignedCheckpoint)
    proof["checkpoint"] = msgspec.to_builtins(signed(checkpoint, OTHER_SEED))


def signed_by_another_in_its_name(proof: dict[str, Any]) -> None:
    signed_by_another(proof)
    proof["checkpoint"]["key"] = key_id(PUBLIC)


HOSTILE: dict[str, Change] = {
    "another text": in_line("qué", "que"),
    "another sender": in_line('"sender":"ana"', '"sender":"eva"'),
    "another seq": in_line('"seq":2', '"seq":3'),
    "another number": in_line('"n":3', '"n":4'),
    "a number of another checkpoint": in_line('"n":3', '"n":99'),
    "an erased text": lambda proof: proof.update(
        line=resealed(re.sub(',"text":.*"hash"', ',"erased":"x","text":"","hash"', proof["line"]))
    ),
    "a second text behind the hash": lambda proof: proof.update(
        line=resealed(proof["line"].replace(',"crc"', ',"text":"forged","crc"'))
    ),
    "a second text before the hash": lambda proof: proof.update(
        line=resealed(proof["line"].replace(',"hash"', ',"text":"forged","hash"'))
    ),
    "no line": lambda proof: proof.update(line=""),
    "half a character": lambda proof: proof.update(line="\ud800"),
    "another previous hash": lambda proof: proof.update(previous="0" * 64),
    "a previous hash of letters": lambda proof: proof.update(previous="x" * 64),
    "siblings in another order": lambda proof: proof["path"].reverse(),
    "one sibling less": lambda proof: proof["path"].pop(),
    "one sibling more": lambda proof: proof["path"].append("0" * 64),
    "a short sibling": lambda proof: proof["path"].insert(0, "00"),
    "very many siblings": lambda proof: proof.update(path=["0" * 64] * 50_000),
    "another root": in_checkpoint("root", "0" * 64),
    "another end": in_checkpoint("last", 12),
    "another beginning": in_checkpoint("first", 2),
    "an end far away": in_checkpoint("last", 2**62),
    "a number that is none": in_checkpoint("first", "1"),
    "another time": in_checkpoint("at", "2020-01-01T00:00:00.000Z"),
    "lines in the time": in_checkpoint("at", f"{AT}\n1"),
    "another signature": in_checkpoint("signature", "0" * 128),
    "a signature of letters": in_checkpoint("signature", "é" * 128),
    "no signature": in_checkpoint("signature", ""),
    "another key": signed_by_another,
    "another key in its name": signed_by_another_in_its_name,
    "another version": lambda proof: proof.update(proof=2),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_proof_that_was_changed_is_refused(proof: Proof, change: Change):
    check_proof(proof, PUBLIC)
    changed = msgspec.to_builtins(proof)
    change(changed)
    assert changed != msgspec.to_builtins(proof)

    with pytest.raises(Unproven):
        check_proof(decode_proof(json.dumps(changed).encode()), PUBLIC)


def test_a_proof_of_another_log_is_refused(proof: Proof, tmp_path: Path, clock: Clock):
    fill(tmp_path / "other", clock)
    other = prove(tmp_path / "other", "tea", 2, stored(*sign(tmp_path / "other")))
    check_proof(other, PUBLIC)

    mixed = msgspec.structs.replace(other, checkpoint=proof.checkpoint)

    with pytest.raises(Unproven, match="does not lead to the root"):
        check_proof(mixed, PUBLIC)


def test_a_checkpoint_of_other_records_proves_nothing(folder: Path):
    first, second = sign(folder, most=6)
    proof = prove(folder, "general", 1, stored(first, second))
    check_proof(proof, PUBLIC)

    with pytest.raises(Unproven, match="about record 1, and its checkpoint about 7 to 11"):
        check_proof(msgspec.structs.replace(proof, checkpoint=second), PUBLIC)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"proof":1}',
        b"[" * 100_000,
        b" " * MAX_PROOF_BYTES,
    ],
)
def test_what_is_no_proof_is_refused(content: bytes):
    with pytest.raises(Unproven):
        decode_proof(content + b" ")


@given(place=st.integers(0), byte=st.integers(0, 255))
def test_no_changed_byte_makes_another_message_proven(place: int, byte: int):
    sound = _sound()
    changed = bytearray(sound)
    changed[place % len(sound)] = byte
    try:
        record = check_proof(decode_proof(bytes(changed)), PUBLIC)
    except Unproven:
        return
    assert record == check_proof(decode_proof(sound), PUBLIC)


_made: list[bytes] = []


def _sound() -> bytes:
    """One proof for all examples."""
    if not _made:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made) / "messages"
            fill(folder, Clock())
            _made.append(msgspec.json.encode(prove(folder, "tea", 2, stored(*sign(folder)))))
    return _made[0]


# The program in the documentation


def by_hand(folder: Path, proof: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    key, file = folder / "key.json", folder / "proof.json"
    key.write_text(json.dumps({"key": {"public_key": PUBLIC}}))
    file.write_text(json.dumps(proof))
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, file, key],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_the_program_of_forty_lines_agrees(folder: Path, tmp_path: Path):
    assert len(PROGRAM.splitlines()) <= 40
    for proof in proofs(folder, *sign(folder))[::4]:
        record = json.loads(proof.line)
        done = by_hand(tmp_path, msgspec.to_builtins(proof))
        place = f"{record['room']} {record['seq']} {record['at']} {record['sender']}"
        assert done.stdout == f"{place} {record.get('text', '')}\n", done.stderr


@pytest.mark.parametrize(
    "change",
    [HOSTILE[name] for name in ("another text", "siblings in another order", "another key")],
)
def test_the_program_of_forty_lines_refuses_too(proof: Proof, tmp_path: Path, change: Change):
    changed = msgspec.to_builtins(proof)
    change(changed)

    assert by_hand(tmp_path, changed).returncode != 0


def test_the_program_of_forty_lines_reads_only_what_is_proven(proof: Proof, tmp_path: Path):
    changed = msgspec.to_builtins(proof)
    HOSTILE["a second text behind the hash"](changed)

    assert "forged" not in by_hand(tmp_path, changed).stdout
