"""The rules of messages on a real log."""

import pytest

from chatapp.config import Rate
from chatapp.errors import NotAMember, NotFound, RateLimited
from chatapp.messages.manager import MessageManager
from chatapp.model import Person, Room
from chatapp.rates import Pace
from chatapp.storage import MessageLog
from chatapp.wire import Post, Resume

ANA = Person(name="ana", key="the key of ana")
TEA = Room(name="tea", title="Tea")


class OneRoom:
    """All that there is to see is the room `tea`."""

    def visible_to(self, _person):
        return [TEA]

    def find(self, _person, _name):
        return TEA


class AllMayWrite:
    def check_post(self, _person, _room):
        pass

    check_change = check_post


@pytest.fixture
def log(tmp_path):
    log = MessageLog.open(tmp_path / "messages")
    yield log
    log.close()


def manager_of(log, pace=None, now=lambda: 0.0):
    return MessageManager(log, rooms=OneRoom(), rules=AllMayWrite(), pace=pace, now=now)


def say(manager, text, **more):
    return manager.post(ANA, {"tea"}, Post(room="tea", text=text, **more)).message.result()


def test_one_writes_only_where_one_is(log):
    with pytest.raises(NotAMember):
        manager_of(log).post(ANA, set(), Post(room="tea", text="hi"))

    assert log.head("tea") == 0


def test_a_reply_is_to_a_message_that_is_there(log):
    manager = manager_of(log)
    say(manager, "one")

    assert say(manager, "two", reply_to=1).reply_to == 1
    with pytest.raises(NotFound):
        say(manager, "three", reply_to=9)


def test_a_retry_is_not_counted_against_ones_pace(log):
    manager = manager_of(log, Pace(Rate(burst=1, per_second=0.01), "messages"))
    say(manager, "once", cid="a")

    again = manager.post(ANA, {"tea"}, Post(room="tea", text="once", cid="a"))
    with pytest.raises(RateLimited):
        say(manager, "twice", cid="b")

    assert again.duplicate
    assert again.message.result().seq == 1


def resume(manager, after):
    return manager.resume(ANA, Resume(room="tea", epoch=manager.epoch, after=after))


def test_who_has_everything_resumes_with_nothing(log):
    manager = manager_of(log)
    say(manager, "one")

    resumed = resume(manager, 1)

    assert (resumed.recovered, resumed.events, resumed.more) == (True, [], False)


@pytest.mark.parametrize("left", [[3], []])
def test_a_hole_before_what_is_left_of_a_log_is_never_a_recovery(log, monkeypatch, left):
    manager = manager_of(log)
    for text in ("one", "two", "three"):
        say(manager, text)
    kept = [event for event in log.events("tea", after=0, limit=9) if event.seq in left]
    monkeypatch.setattr(log, "events", lambda *_, **__: kept)  # as after `log retain`

    resumed = resume(manager, 1)

    assert (resumed.recovered, resumed.events, resumed.head) == (False, [], 3)
