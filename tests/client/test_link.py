"""How a lost connection comes back."""

from itertools import islice
from random import Random

import pytest

from chatapp.client.errors import NotUnderstood, refusal_of
from chatapp.client.news import Connected
from chatapp.client.reconnection import ReconnectingConnection, reconnect_delays
from chatapp.domain.errors import NameTaken, RateLimited, Unavailable


def test_attempts_grow_rarer_from_one_second_to_thirty():
    runs = [list(islice(reconnect_delays(1, 30, Random(seed)), 8)) for seed in range(500)]

    longest = [max(run[attempt] for run in runs) for attempt in range(8)]
    assert all(1 <= delay <= 30 for run in runs for delay in run)
    assert [round(delay) for delay in longest] == [2, 4, 8, 16, 30, 30, 30, 30]


def test_a_thousand_clients_do_not_come_back_in_the_same_moment():
    first = sorted(next(reconnect_delays(1, 30, Random(seed))) for seed in range(1000))

    busiest = max(sum(1 for d in first if start <= d < start + 0.1) for start in first)
    assert busiest < 200


def test_who_is_told_when_to_come_again_does_not_come_sooner(monkeypatch, wait_until):
    attempts = []

    class ShortLine:
        """Ends at once, and the server is full after that."""

        reading_thread = None
        lost = True

        def __init__(self, *_):
            attempts.append(self)
            if len(attempts) > 1:
                raise Unavailable("The chat is full.", retry_after=60.0)

        def wait(self):
            pass

        def close(self):
            pass

    monkeypatch.setattr("chatapp.client.reconnection.ServerConnection", ShortLine)
    news = []
    link = ReconnectingConnection(
        "http://localhost",
        {},
        heard=lambda *_: None,
        enter=lambda _: None,
        changed=news.append,
        ended=lambda _: None,
        reconnect_seconds=(0.01, 0.02),
        random=Random(1),
    )

    link.open()
    wait_until(lambda: len(news) == 3)
    link.close()

    came, gone, told = news
    assert isinstance(came, Connected)
    assert gone.retry_in < 1
    assert 60 < told.retry_in < 61
    assert len(attempts) == 2


@pytest.mark.parametrize(
    ("closing", "soonest", "latest"),
    [
        ({"reason": "Restart.", "retry_after": 20.5}, 20.5, 20.5),
        ({"reason": "Restart.", "retry_after": 0}, 0, 0),
        ({"reason": "You were kicked."}, 1, 2),
        ({"reason": "Restart.", "retry_after": "soon"}, 1, 2),
        (None, 1, 2),
    ],
)
def test_who_is_told_that_others_go_on_comes_when_they_say(
    monkeypatch, wait_until, closing, soonest, latest
):
    class ClosedLine:
        """Says why it ends, and ends."""

        reading_thread = None
        lost = True

        def __init__(self, _url, _auth, heard):
            heard("closing", closing)

        def wait(self):
            pass

        def close(self):
            pass

    monkeypatch.setattr("chatapp.client.reconnection.ServerConnection", ClosedLine)
    news = []
    link = ReconnectingConnection(
        "http://localhost",
        {},
        heard=lambda *_: None,
        enter=lambda _: None,
        changed=news.append,
        ended=lambda _: None,
        reconnect_seconds=(1, 2),
        random=Random(1),
    )

    link.open()
    wait_until(lambda: len(news) >= 2)
    link.close()

    assert soonest <= news[1].retry_in <= latest


def test_a_refusal_is_raised_by_its_code():
    assert isinstance(refusal_of({"code": "name_taken", "message": "Taken."}), NameTaken)
    limited = refusal_of({"code": "rate_limited", "message": "Slow.", "retry_after": 1.5})
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 1.5


@pytest.mark.parametrize("nonsense", [None, "no", {}, {"code": 7}, {"code": "new", "message": 1}])
def test_a_refusal_that_is_not_known_here_is_not_understood(nonsense):
    assert isinstance(refusal_of(nonsense), NotUnderstood)
