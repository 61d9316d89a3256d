"""Which checkpoints and keys a copy takes after those that it has."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chatapp.client.errors import NotInLog
from chatapp.client.mirror.known_checkpoints import KnownCheckpoints
from chatapp.domain.transparency.checkpoints import PublishedKey, SignedCheckpoint, key_id
from chatapp.domain.transparency.signatures import public_of, signature_of

ONE, TWO, THREE = "11" * 32, "22" * 32, "33" * 32


def key(seed: str, day: int, before: str = "", until: str | None = None) -> PublishedKey:
    public = public_of(seed)
    made = PublishedKey(id=key_id(public), public_key=public, since=time(day), until=until)
    if not before:
        return made
    signature = signature_of(made.statement, before)
    return replace(made, signed_by=key_id(public_of(before)), signature=signature)


def time(day: int) -> str:
    return f"2026-11-{day:02}T10:00:00.000Z"


def checkpoint(first: int, last: int, *, day: int = 1, seed: str = ONE, **more: Any) -> Any:
    fields = {"previous": f"{first - 1:064}", "hash": f"{last:064}"} | more
    unsigned = SignedCheckpoint(
        at=time(day), first=first, last=last, root="0" * 64, events="0" * 64, **fields
    )
    signature = signature_of(unsigned.statement, seed)
    return replace(unsigned, key=key_id(public_of(seed)), signature=signature)


FIRST, SECOND = checkpoint(1, 10), checkpoint(11, 20, day=2)


@pytest.fixture
def known(tmp_path: Path) -> Iterator[KnownCheckpoints]:
    known = KnownCheckpoints(tmp_path / "tea.checkpoints")
    known.take_keys([key(ONE, 1)])
    known.take([FIRST, SECOND])
    yield known
    known.close()


def test_what_follows_is_taken_and_kept(known: KnownCheckpoints, tmp_path: Path) -> None:
    known.take([SECOND, third := checkpoint(21, 30, day=3)])
    known.close()

    again = KnownCheckpoints(tmp_path / "tea.checkpoints")
    assert (again.all, again.keys) == ([FIRST, SECOND, third], [key(ONE, 1)])
    assert again.newest == third
    again.close()


def test_a_line_that_a_crash_has_cut_off_is_forgotten(
    known: KnownCheckpoints, tmp_path: Path
) -> None:
    known.close()
    file = tmp_path / "tea.checkpoints"
    file.write_bytes(file.read_bytes()[:-20])

    again = KnownCheckpoints(file)
    assert again.all == [FIRST]
    again.close()
    file.write_bytes(b"{}}\n" + file.read_bytes())
    with pytest.raises(NotInLog, match="line 1 is damaged"):
        KnownCheckpoints(file)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (checkpoint(21, 30, previous="f" * 64), "does not follow"),
        (checkpoint(15, 30), "does not follow"),
        (checkpoint(11, 20, hash="f" * 64), "does not follow"),
        (checkpoint(15, 20, hash="f" * 64), "does not follow"),
        (checkpoint(21, 30, seed=TWO), "unknown key"),
        (replace(checkpoint(21, 30), last=31), "proves nothing"),
        (replace(checkpoint(21, 30), signature=""), "proves nothing"),
    ],
)
def test_what_does_not_follow_is_refused(known: KnownCheckpoints, wrong: Any, told: str) -> None:
    with pytest.raises(NotInLog, match=told):
        known.take([wrong])

    assert known.all == [FIRST, SECOND]


def test_the_rest_of_one_that_retain_has_cut_is_taken(known: KnownCheckpoints) -> None:
    known.take([rest := checkpoint(15, 20, day=5), checkpoint(31, 40, day=5)])

    assert rest in known.all


def test_a_checkpoint_that_is_gone_is_told(known: KnownCheckpoints) -> None:
    known.require_all([FIRST, SECOND], 0)
    known.require_all([SECOND], 19)
    known.require_all([], 20)
    with pytest.raises(NotInLog, match="no longer has its checkpoint of 2026-11-01"):
        known.require_all([SECOND], 0)


def test_a_key_is_trusted_if_the_one_before_has_signed_it(known: KnownCheckpoints) -> None:
    old = key(ONE, 1, until=time(3))
    new = [old, key(TWO, 3, ONE, time(4)), key(THREE, 4, TWO)]

    assert known.take_keys(new) == new[1:]

    assert known.take_keys(new) == []
    known.take([checkpoint(21, 30, day=4, seed=THREE)])
    with pytest.raises(NotInLog, match="replaced before"):
        known.take([checkpoint(31, 40, day=5, seed=ONE)])
    known.take([checkpoint(31, 40, day=3, seed=ONE)])


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [key(TWO, 3)],
        [key(ONE, 1, until=time(3)), key(TWO, 3)],
        [key(ONE, 1, until=time(3)), replace(key(TWO, 3, ONE), since=time(4))],
        [key(ONE, 1, until=time(3)), replace(key(TWO, 3, THREE), signed_by=key_id(public_of(ONE)))],
        [key(ONE, 1, until=time(3)), replace(key(TWO, 3, ONE), id="0" * 16)],
        [key(ONE, 1, until=time(3)), key(TWO, 3, ONE, time(4)), key(THREE, 4, ONE)],
    ],
    ids=["none", "another", "unsigned", "other time", "other signer", "other id", "skips one"],
)
def test_any_other_key_is_told(known: KnownCheckpoints, keys: list[PublishedKey]) -> None:
    with pytest.raises(NotInLog, match="another key"):
        known.take_keys(keys)

    assert known.keys == [key(ONE, 1)]


def test_a_chat_without_a_key_proves_nothing_yet(tmp_path: Path) -> None:
    known = KnownCheckpoints(tmp_path / "new.checkpoints")

    assert known.take_keys([]) == []
    known.close()
