"""Presence with a clock that the tests turn by hand."""

import pytest

from chatapp.domain.errors import NameTaken
from chatapp.domain.model import Person
from chatapp.features.presence.manager import PACKETS_A_SECOND, PresenceChange, PresenceManager


class Later:
    """Steps that run when the test says that their time has come."""

    def __init__(self):
        self.steps = []
        self.waits = []

    def __call__(self, seconds, step):
        self.waits.append(seconds)
        self.steps.append(step)

    def pass_time(self):
        steps, self.steps = self.steps, []
        for step in steps:
            step()


@pytest.fixture
def later():
    return Later()


@pytest.fixture
def told():
    return []


@pytest.fixture
def presence(later, told):
    return PresenceManager(later=later, tell=told.append)


def person(name, key=None):
    return Person(name=name, id=key or f"the key of {name}")


def test_a_second_tab_neither_joins_nor_leaves(presence, later, told):
    ana = person("ana")
    presence.enter(ana, "general")
    later.pass_time()
    told.clear()

    presence.enter(ana, "general")
    presence.leave(ana, "general")
    later.pass_time()

    assert told == []
    assert presence.members("general") == ["ana"]


def test_who_is_in_a_room_comes_in_pages_by_alphabet(presence):
    for name in ("Eva", "ana", "ben"):
        presence.enter(person(name), "general")

    assert presence.members("general", limit=2) == ["ana", "ben"]
    assert presence.members("general", after="ben", limit=2) == ["Eva"]
    assert presence.members("general", after="ana and who has left since", limit=1) == ["ben"]
    assert presence.count("general") == 3


def test_arrivals_are_gathered_into_one_piece_of_news(presence, later, told):
    for name in ("ana", "ben", "eva"):
        presence.enter(person(name), "general")

    later.pass_time()

    assert told == [PresenceChange(room="general", joined=["ana", "ben", "eva"], left=[], count=3)]


def test_a_large_room_hears_less_often_who_came(presence, later, told):
    for number in range(3_000):
        presence.enter(person(f"guest {number}"), "arena")
    later.pass_time()
    later.waits.clear()

    presence.enter(person("ana"), "arena")
    presence.enter(person("ben"), "tea")

    assert later.waits == [3_001 / PACKETS_A_SECOND, 1.0]


def test_who_leaves_and_comes_back_at_once_is_no_news(presence, later, told):
    ana = person("ana")
    presence.enter(ana, "general")
    later.pass_time()
    told.clear()

    presence.leave(ana, "general")
    presence.enter(ana, "general")
    later.pass_time()

    assert told == []


def test_who_looked_in_between_is_told_what_changed_back(presence, later, told):
    ana, bo = person("ana"), person("bo")
    presence.enter(ana, "general")
    later.pass_time()
    told.clear()

    presence.leave(ana, "general")
    presence.enter(bo, "general")
    assert presence.members("general") == ["bo"]
    presence.enter(ana, "general")
    later.pass_time()

    assert told == [PresenceChange(room="general", joined=["ana", "bo"], left=[], count=2)]


def test_who_was_seen_for_a_moment_is_told_to_have_left(presence, later, told):
    bo = person("bo")
    presence.enter(person("ana"), "general")
    later.pass_time()
    told.clear()

    presence.enter(bo, "general")
    assert presence.members("general") == ["ana", "bo"]
    presence.leave(bo, "general")
    later.pass_time()

    assert told == [PresenceChange(room="general", joined=[], left=["bo"], count=1)]


def test_rooms_have_their_own_news(presence, later, told):
    presence.enter(person("ana"), "general")
    presence.enter(person("ben"), "kitchen")

    later.pass_time()

    assert [(news.room, news.joined) for news in told] == [
        ("general", ["ana"]),
        ("kitchen", ["ben"]),
    ]


@pytest.mark.parametrize("other", ["ana", "ANA", "\uff21na"])
def test_a_name_in_use_is_taken_in_any_spelling(presence, other):
    presence.arrive("first tab", person("ana", key="one"))

    with pytest.raises(NameTaken):
        presence.arrive("stranger", person(other, key="two"))


def test_the_same_person_may_come_with_many_connections(presence):
    ana = person("ana")
    presence.arrive("first tab", ana)
    presence.arrive("second tab", ana)

    presence.depart("first tab", ana)

    assert not presence.is_free("ana", "another key")
    presence.depart("second tab", ana)
    assert presence.is_free("ana", "another key")


def test_a_refused_arrival_leaves_nothing_behind(presence):
    ana = person("ana", key="one")
    presence.arrive("first tab", ana)
    with pytest.raises(NameTaken):
        presence.arrive("stranger", person("ana", key="two"))

    presence.depart("first tab", ana)

    assert presence.people == 0


def test_a_persons_state_is_told_when_it_changes(presence, later, told):
    ana = person("ana")
    presence.arrive("laptop", ana)
    presence.enter(ana, "general")
    later.pass_time()
    told.clear()

    presence.say("laptop", ana, "away")
    later.pass_time()

    assert [(news.states, news.joined) for news in told] == [({"ana": "away"}, [])]
    assert presence.states("general", ["ana"]) == {"ana": "away"}


def test_the_most_awake_device_is_the_persons_state_and_busy_is_for_all(presence):
    ana = person("ana")
    presence.arrive("laptop", ana)
    presence.arrive("phone", ana)
    presence.enter(ana, "general")

    presence.say("laptop", ana, "away")
    assert presence.states("general", ["ana"]) == {}
    presence.say("phone", ana, "idle")
    assert presence.states("general", ["ana"]) == {"ana": "idle"}
    presence.say("laptop", ana, "busy")
    assert presence.states("general", ["ana"]) == {"ana": "busy"}
    presence.depart("laptop", ana)
    assert presence.states("general", ["ana"]) == {"ana": "idle"}
