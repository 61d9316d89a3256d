"""How a lost connection comes back."""

from itertools import islice
from random import Random

import pytest

from chatapp.client.errors import NotUnderstood, refusal_of
from chatapp.client.link import reconnect_delays
from chatapp.errors import NameTaken, RateLimited


def test_attempts_grow_rarer_from_one_second_to_thirty():
    runs = [list(islice(reconnect_delays(1, 30, Random(seed)), 8)) for seed in range(500)]

    longest = [max(run[attempt] for run in runs) for attempt in range(8)]
    assert all(1 <= delay <= 30 for run in runs for delay in run)
    assert [round(delay) for delay in longest] == [2, 4, 8, 16, 30, 30, 30, 30]


def test_a_thousand_clients_do_not_come_back_in_the_same_moment():
    first = sorted(next(reconnect_delays(1, 30, Random(seed))) for seed in range(1000))

    busiest = max(sum(1 for d in first if start <= d < start + 0.1) for start in first)
    assert busiest < 200


def test_a_refusal_is_raised_by_its_code():
    assert isinstance(refusal_of({"code": "name_taken", "message": "Taken."}), NameTaken)
    limited = refusal_of({"code": "rate_limited", "message": "Slow.", "retry_after": 1.5})
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 1.5


@pytest.mark.parametrize("nonsense", [None, "no", {}, {"code": 7}, {"code": "new", "message": 1}])
def test_a_refusal_that_is_not_known_here_is_not_understood(nonsense):
    assert isinstance(refusal_of(nonsense), NotUnderstood)
