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
