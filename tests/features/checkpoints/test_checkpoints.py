"""When checkpoints are signed, and by whom; over a real log, and with a clock of the test's own."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from chatapp.domain.errors import NotAllowed, NotFound, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.domain.transparency.checkpoints import key_id
from chatapp.domain.transparency.signatures import check_signature, public_of, successors
from chatapp.features.checkpoints.commands import checkpoint_commands
from chatapp.features.checkpoints.manager import CheckpointManager
from chatapp.log.signed_checkpoint import Signing
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep.checkpoints import sign_checkpoints, stored_checkpoints
from chatapp.upkeep.key_rotation import rotated
from chatapp.upkeep.processes import ProcessFailed
from chatapp.upkeep.signing import NewCheckpoints
from tests.support.accounts import Clock, MemoryDirectory, Notes
from tests.support.records import say

MIA = Person(name="mia", id="m1", role="member")
BOSS = Person(name="boss", id="b1", role="owner")


class Chat:
    """The log and who signs it. `go` lets time pass."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.notes = Clock(), Notes()
        self.directory = MemoryDirectory()
        self.log = MessageLog.open(folder / "messages", clock=self.clock)
        self.seeds = iter(f"{number:064x}" for number in count(1))
        self.is_held = True
        self.failure: Exception | None = None
        self.signings = 0
        self.while_signing: Callable[[], object] = lambda: None
        self._steps: list[tuple[float, Callable[[], None]]] = []
        self.restart()

    def restart(self) -> None:
        self._steps = []
        self.checkpoints = CheckpointManager(
            self.directory,
            sign=self._sign,
            rotate=rotated,
            new_seed=lambda: next(self.seeds),
            lease=self,
            clock=self.clock,
            later=lambda seconds, step: self._steps.append((seconds, step)),
            wait=Future.result,
            note=self.notes,
        )
        self.checkpoints.start()

    def on_taken(self, begin: Callable[[], None]) -> None:
        raise AssertionError("whoever signs looks again by itself")

    def go(self, hours: int) -> None:
        until = self.clock.now + timedelta(hours=hours)
        while self.clock.now < until:
            seconds, step = self._steps.pop(0)
            self.clock.pass_by(timedelta(seconds=seconds))
            step()

    def _sign(self, asked: Signing) -> NewCheckpoints:
        self.signings += 1
        self.while_signing()
        if self.failure:
            raise self.failure
        return NewCheckpoints(sign_checkpoints(self.log.folder, asked), public_of(asked.seed))


@pytest.fixture
def chat(tmp_path: Path) -> Chat:
    return Chat(tmp_path)


def test_a_checkpoint_is_signed_once_a_day_by_the_same_key(chat: Chat) -> None:
    say(chat.log, "one")
    chat.go(hours=1)
    first = chat.checkpoints.latest
    assert first is not None
    say(chat.log, "two")
    chat.go(hours=22)
    assert chat.checkpoints.latest == first
    chat.restart()

    chat.go(hours=2)

    latest, key = chat.checkpoints.latest, chat.checkpoints.key
    assert latest is not None
    assert key is not None
    assert (latest.first, latest.last, latest.previous) == (2, 2, first.hash)
    for checkpoint in (first, latest):
        check_signature(checkpoint, key.public)
    assert list(chat.notes) == []


def test_an_empty_log_makes_no_key(chat: Chat) -> None:
    chat.go(hours=30)

    assert chat.signings > 0
    assert (chat.checkpoints.key, chat.checkpoints.latest) == (None, None)


def test_a_day_without_messages_has_no_checkpoint(chat: Chat) -> None:
    say(chat.log, "one")
    chat.go(hours=1)
    first = chat.checkpoints.latest

    chat.go(hours=50)

    assert chat.checkpoints.latest == first


def test_only_the_process_with_the_lease_signs(chat: Chat) -> None:
    say(chat.log, "one")
    chat.is_held = False
    chat.go(hours=30)
    assert chat.signings == 0
    chat.is_held = True

    chat.go(hours=1)

    assert chat.checkpoints.latest is not None


def test_a_failed_signing_is_tried_again(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    say(chat.log, "one")
    chat.failure = ProcessFailed("messages/ differs")
    chat.go(hours=1)
    assert (chat.checkpoints.key, chat.checkpoints.latest) == (None, None)
    assert "messages/ differs" in caplog.text
    chat.failure = None

    chat.go(hours=1)

    assert chat.checkpoints.latest is not None


def test_an_admin_signs_at_once_and_that_is_on_record(chat: Chat) -> None:
    say(chat.log, "one")

    made = chat.checkpoints.sign_now(BOSS)

    assert made == chat.checkpoints.latest
    assert chat.checkpoints.sign_now(BOSS) is None
    assert list(chat.notes) == [("boss", "checkpoint")]


def test_others_cannot_sign(chat: Chat) -> None:
    say(chat.log, "one")

    with pytest.raises(NotAllowed):
        chat.checkpoints.sign_now(MIA)

    assert chat.checkpoints.latest is None


def test_two_do_not_sign_at_the_same_time(chat: Chat) -> None:
    say(chat.log, "one")

    def again() -> None:
        with pytest.raises(Unavailable, match="is being signed"):
            chat.checkpoints.sign_now(None)

    chat.while_signing = again

    assert chat.checkpoints.sign_now(None) is not None
    chat.while_signing = lambda: None
    say(chat.log, "two")
    assert chat.checkpoints.sign_now(None) is not None


def test_another_key_signs_from_now_on_and_the_one_before_vouches_for_it(chat: Chat) -> None:
    with pytest.raises(NotFound, match="no key yet"):
        chat.checkpoints.rotate_key(BOSS)
    say(chat.log, "one")
    chat.checkpoints.sign_now(None)
    with pytest.raises(NotAllowed):
        chat.checkpoints.rotate_key(MIA)

    new = chat.checkpoints.rotate_key(BOSS)

    assert chat.checkpoints.key == new
    first, second = chat.checkpoints.keys
    assert successors(first.public_key, [first, second]) == [second] == [new.published]
    assert (first.until, second.until) == (second.since, None)
    assert [key.seed for _, key in chat.checkpoints._rows.key_table.items() if key.until] == [""]
    assert chat.notes[-1] == ("boss", "rotate-key")
    say(chat.log, "two")
    made = chat.checkpoints.sign_now(None)
    assert made is not None
    check_signature(made, new.public)
    assert chat.checkpoints.rotate_key(None).signed_by == key_id(new.public)


def test_on_a_full_disk_nothing_is_signed(chat: Chat) -> None:
    say(chat.log, "one")
    chat.directory.slow = True
    chat.checkpoints._wait = lambda _written: chat.directory.refuse()  # type: ignore[assignment]
    chat.checkpoints.sign_now(None)

    assert (chat.checkpoints.key, chat.checkpoints.latest) == (None, None)


def test_the_command_says_what_it_signed_or_that_nothing_is_new(chat: Chat) -> None:
    sign = checkpoint_commands(chat.checkpoints)["log.checkpoint"]
    assert sign() == {"signed": False, "checkpoint": None}
    say(chat.log, "one")

    assert sign() == {"signed": True, "checkpoint": chat.checkpoints.latest}
    assert sign() == {"signed": False, "checkpoint": chat.checkpoints.latest}


def test_a_stopped_chat_has_its_checkpoints_and_keys(chat: Chat, tmp_path: Path) -> None:
    say(chat.log, "one")
    chat.directory = Directory.open(tmp_path / "directory")  # type: ignore[assignment]
    chat.restart()
    made = chat.checkpoints.sign_now(None)
    chat.directory.close()  # type: ignore[attr-defined]

    stored = stored_checkpoints(tmp_path / "directory")

    assert made is not None
    assert stored.all == [made]
    assert stored.keys == {made.key: public_of(f"{1:064x}")}
    assert key_id(stored.keys[made.key]) == made.key
