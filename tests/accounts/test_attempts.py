import pytest
from limits import RateLimitItemPerMinute

from chatapp.accounts.attempts import LoginAttempts
from chatapp.errors import RateLimited


def test_later_tries_wait_for_the_longest_window_that_is_full() -> None:
    windows = (RateLimitItemPerMinute(2, 15), RateLimitItemPerMinute(2, 45))
    attempts = LoginAttempts(windows)
    attempts.count("ana", "192.0.2.1")
    attempts.count("ana", "192.0.2.1")

    with pytest.raises(RateLimited) as refusal:
        attempts.count("ana", "192.0.2.1")

    assert refusal.value.retry_after is not None
    assert 44 * 60 < refusal.value.retry_after <= 45 * 60


def test_a_refused_try_is_not_counted() -> None:
    attempts = LoginAttempts((RateLimitItemPerMinute(1, 15),))
    attempts.count("ana", "192.0.2.1")
    with pytest.raises(RateLimited):
        attempts.count("bea", "192.0.2.1")

    attempts.count("bea", "192.0.2.2")


def test_the_addresses_of_one_place_share_its_tries() -> None:
    attempts = LoginAttempts((RateLimitItemPerMinute(1, 15),))
    attempts.count("ana", "2001:db8:1:2::1")
    with pytest.raises(RateLimited):
        attempts.count("bea", "2001:db8:1:2::2")

    attempts.count("bea", "2001:db8:1:3::2")


def test_what_was_typed_as_a_name_does_not_stay_in_memory() -> None:
    attempts = LoginAttempts()

    attempts.count("a password in the wrong field", "192.0.2.1")

    assert "wrong field" not in repr(vars(attempts._limiter.storage))
