from collections.abc import Callable

import pytest

from chatapp.domain.errors import RateLimited
from chatapp.features.accounts.sign_in.attempts import LoginAttempts

QUARTER_SECONDS = 15 * 60


def test_later_tries_wait_for_the_longest_window_that_is_full() -> None:
    attempts = LoginAttempts(((2, QUARTER_SECONDS), (2, 3 * QUARTER_SECONDS)))
    attempts.count("ana", "192.0.2.1")
    attempts.count("ana", "192.0.2.1")

    with pytest.raises(RateLimited) as refusal:
        attempts.count("ana", "192.0.2.1")

    assert refusal.value.retry_after is not None
    assert 44 * 60 < refusal.value.retry_after <= 45 * 60


def test_a_refused_try_is_not_counted() -> None:
    attempts = LoginAttempts(((1, QUARTER_SECONDS),))
    attempts.count("ana", "192.0.2.1")
    with pytest.raises(RateLimited):
        attempts.count("bea", "192.0.2.1")

    attempts.count("bea", "192.0.2.2")


def test_the_addresses_of_one_place_share_its_tries() -> None:
    attempts = LoginAttempts(((1, QUARTER_SECONDS),))
    attempts.count("ana", "2001:db8:1:2::1")
    with pytest.raises(RateLimited):
        attempts.count("bea", "2001:db8:1:2::2")

    attempts.count("bea", "2001:db8:1:3::2")


def test_signing_in_starts_anew_in_each_window() -> None:
    attempts = LoginAttempts(((1, QUARTER_SECONDS), (1, 2 * QUARTER_SECONDS)))
    attempts.count("ana", "192.0.2.1")

    attempts.forget("ana", "192.0.2.1")

    attempts.count("ana", "192.0.2.1")


def test_what_was_typed_as_a_name_does_not_stay_in_memory() -> None:
    attempts = LoginAttempts()

    attempts.count("a password in the wrong field", "192.0.2.1")

    (window, *_) = attempts._windows
    assert len(window) == 2
    assert "wrong field" not in repr(vars(window))


class Told:
    """A broker of two processes that hears at once."""

    is_up = True
    dropped = 0

    def __init__(self) -> None:
        self.others: list[Told] = []
        self._handlers: dict[str, list[Callable[[bytes], None]]] = {}

    def publish(self, topic: str, payload: bytes) -> None:
        for other in self.others:
            for handler in other._handlers.get(topic, ()):
                handler(payload)

    def subscribe(self, topic: str, handler: Callable[[bytes], None]) -> None:
        self._handlers.setdefault(topic, []).append(handler)

    def on_gap(self, handler: Callable[[], None]) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def both() -> tuple[Told, Told]:
    here, there = Told(), Told()
    here.others, there.others = [there], [here]
    return here, there


def test_attempts_at_another_process_count_until_one_succeeds(both: tuple[Told, Told]) -> None:
    here, there = (LoginAttempts(((2, QUARTER_SECONDS),), broker=told) for told in both)
    here.count("ana", "192.0.2.1")
    there.count("ana", "192.0.2.1")

    with pytest.raises(RateLimited):
        here.count("ana", "192.0.2.1")
    with pytest.raises(RateLimited):
        there.count("ana", "192.0.2.1")

    there.forget("ana", "192.0.2.1")
    here.count("ana", "192.0.2.1")
