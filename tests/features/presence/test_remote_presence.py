"""Presence of several processes, over a way that the tests break, with clocks that they turn."""

import pytest

from chatapp.domain.model import Person
from chatapp.features.presence.manager import PresenceManager
from chatapp.features.presence.remote_presence import (
    GRACE_TICKS,
    SILENT_TICKS,
    SLICE_PEOPLE,
    RemotePresence,
)
from tests.features.presence.test_manager import Later


class Way:
    """What one process publishes, the others hear at once, unless it `loses` everything."""

    def __init__(self):
        self.brokers = []
        self.loses = False


class Broker:
    def __init__(self, way):
        self.is_up = True
        self.published = 0
        self._way = way
        self._handlers = []
        self._gap_handlers = []
        way.brokers.append(self)

    def publish(self, _topic, payload):
        self.published += 1
        for other in self._way.brokers:
            if other is not self and other.is_up and self.is_up and not self._way.loses:
                for handler in other._handlers:
                    handler(payload)

    def subscribe(self, _topic, handler):
        self._handlers.append(handler)

    def on_gap(self, handler):
        self._gap_handlers.append(handler)

    def gap(self):
        for handler in self._gap_handlers:
            handler()


class Device:
    """A connection to a process."""

    def __init__(self, person):
        self.person = person
        self.rooms = set()


class Loop(Later):
    """Steps without a time to wait for run in the next turns, before time passes."""

    def __init__(self):
        super().__init__()
        self.soon = []
        self.turns = 0

    def __call__(self, seconds, step):
        if seconds:
            super().__call__(seconds, step)
        else:
            self.soon.append(step)

    def pass_time(self):
        self.turn()
        super().pass_time()
        self.turn()

    def turn(self):
        while self.soon:
            self.turns += 1
            self.soon.pop(0)()


class Process:
    def __init__(self, way, name):
        self.told = []
        self.departed = []
        self.later = Loop()
        self.presence = PresenceManager(later=self.later, tell=self.told.append)
        self.broker = Broker(way)
        self.remote = RemotePresence(
            self.presence, self.broker, name, later=self.later, departed=self.departed.append
        )

    def connect(self, person, *rooms, state="online"):
        self.remote.make_way(person)
        device = Device(person)
        self.presence.arrive(device, person)
        self.presence.say(device, person, state)
        for room in rooms:
            device.rooms.add(room)
            self.presence.enter(person, room)
        self.remote.note(person)
        return device

    def disconnect(self, device):
        for room in device.rooms:
            self.presence.leave(device.person, room)
        self.presence.depart(device, device.person)
        self.remote.note(device.person)


@pytest.fixture
def way():
    return Way()


@pytest.fixture
def here(way):
    return Process(way, "here")


@pytest.fixture
def there(way):
    return Process(way, "there")


def pass_seconds(seconds, *processes):
    for _ in range(seconds):
        for process in processes:
            process.later.pass_time()


def person(name, key=None, role="guest"):
    return Person(name=name, id=key or f"the key of {name}", role=role)


def test_people_of_another_process_are_members_with_their_states(here, there):
    here.connect(person("ana"), "general", "garden", state="idle")
    there.connect(person("ben"), "general")

    pass_seconds(3, here, there)

    assert there.presence.members("general") == ["ana", "ben"]
    assert there.presence.members("garden") == ["ana"]
    assert there.presence.count("general") == here.presence.count("general") == 2
    assert there.presence.states("general", ["ana", "ben"]) == {"ana": "idle"}
    assert there.presence.person("Ana") == person("ana")
    assert here.presence.state_of("ben") == "online"


def test_rooms_are_told_who_joined_and_left_elsewhere(here, there):
    there.connect(person("ben"), "general")
    pass_seconds(3, here, there)
    there.told.clear()

    ana = here.connect(person("ana"), "general")
    pass_seconds(3, here, there)
    here.disconnect(ana)
    pass_seconds(3, here, there)

    joined, left = there.told
    assert (joined.room, joined.joined, joined.left, joined.count) == ("general", ["ana"], [], 2)
    assert (left.joined, left.left, left.count) == ([], ["ana"], 1)


def test_changes_of_states_and_rooms_follow(here, there):
    ana = here.connect(person("ana"), "general", "garden")
    pass_seconds(3, here, there)

    here.presence.say(ana, ana.person, "away")
    here.presence.leave(ana.person, "garden")
    ana.rooms.remove("garden")
    here.remote.note(ana.person)
    pass_seconds(3, here, there)

    assert there.presence.state_of("ana") == "away"
    assert there.presence.members("garden") == []
    assert there.presence.members("general") == ["ana"]
    assert {"ana": "away"} in [change.states for change in there.told if change.room == "general"]


def test_a_person_at_two_processes_is_one_and_goes_when_both_are_gone(here, there, way):
    third = Process(way, "third")
    first = here.connect(person("ana"), "general")
    second = there.connect(person("ana"), "general")
    pass_seconds(3, here, there, third)
    third.told.clear()

    assert third.presence.count("general") == there.presence.count("general") == 1
    here.disconnect(first)
    pass_seconds(3, here, there, third)
    assert third.presence.members("general") == here.presence.members("general") == ["ana"]
    assert third.told == third.departed == []

    there.disconnect(second)
    pass_seconds(3, here, there, third)
    assert third.presence.members("general") == []
    assert third.presence.person("ana") is None
    assert [change.left for change in third.told] == [["ana"]]
    assert third.departed == [person("ana")]


def test_only_connections_to_this_process_are_given_out(here, there):
    here.connect(person("ana"), "general")
    device = there.connect(person("ana"), "general")
    pass_seconds(3, here, there)

    assert there.presence.connections(person("ana")) == [device]
    assert there.presence.elsewhere("ana") == [("here",)]


def test_people_of_a_dead_process_leave_in_one_step_but_for_those_who_came_elsewhere(here, there):
    names = [f"guest {number}" for number in range(20)]
    for name in names:
        here.connect(person(name), "general")
    there.connect(person("ben"), "general")
    pass_seconds(3, here, there)
    there.told.clear()

    pass_seconds(SILENT_TICKS + 2, there)
    for name in names[:5]:
        there.connect(person(name), "general")
    pass_seconds(GRACE_TICKS, there)

    assert [sorted(change.left) for change in there.told] == [sorted(names[5:])]
    assert [change.joined for change in there.told] == [[]]
    assert there.presence.members("general") == ["ben", *sorted(names[:5])]


def test_a_process_that_is_silent_for_less_keeps_its_people(here, there):
    here.connect(person("ana"), "general")
    pass_seconds(3, here, there)

    pass_seconds(SILENT_TICKS - 5, there)
    pass_seconds(GRACE_TICKS - 1, there)
    pass_seconds(10, here)
    pass_seconds(GRACE_TICKS, there)

    assert there.presence.members("general") == ["ana"]


def test_a_process_that_says_goodbye_only_has_the_grace(here, there):
    here.connect(person("ana"), "general")
    pass_seconds(3, here, there)

    here.remote.stop()
    pass_seconds(GRACE_TICKS - 1, there)
    assert there.presence.members("general") == ["ana"]
    pass_seconds(1, there)

    assert there.presence.members("general") == []


def test_after_goodbye_the_end_of_each_connection_is_not_told(here, there):
    ana = here.connect(person("ana"), "general")
    pass_seconds(3, here, there)
    here.remote.stop()
    told = here.broker.published

    here.disconnect(ana)
    pass_seconds(5, here)

    assert here.broker.published == told
    assert there.presence.members("general") == ["ana"]


def test_a_process_that_comes_later_hears_of_everyone(here, there, way):
    here.connect(person("ana"), "general")
    there.connect(person("ben"), "general")
    pass_seconds(30, here, there)

    late = Process(way, "late")
    pass_seconds(4, late, here, there)

    assert late.presence.members("general") == ["ana", "ben"]


def test_what_was_missed_is_found_out_and_asked_for(here, there, way):
    ana = here.connect(person("ana"), "general")
    here.connect(person("eva"), "general")
    pass_seconds(3, here, there)

    way.loses = True
    here.disconnect(ana)
    here.connect(person("cy"), "general")
    pass_seconds(3, here, there)
    way.loses = False
    assert there.presence.members("general") == ["ana", "eva"]
    pass_seconds(12, here, there)

    assert there.presence.members("general") == ["cy", "eva"]


def test_a_change_after_a_missed_one_does_not_hide_it(here, there, way):
    ana = here.connect(person("ana"), "general")
    pass_seconds(3, here, there)

    way.loses = True
    here.disconnect(ana)
    pass_seconds(2, here, there)
    way.loses = False
    here.connect(person("cy"), "general")
    pass_seconds(4, here, there)

    assert there.presence.members("general") == ["cy"]


def test_a_gap_is_closed_at_once(here, there, way):
    way.loses = True
    here.connect(person("ana"), "general")
    pass_seconds(4, here, there)
    way.loses = False

    there.broker.gap()
    pass_seconds(4, there, here)

    assert there.presence.members("general") == ["ana"]


def test_while_nothing_comes_through_nobody_is_taken_for_dead(here, there):
    here.connect(person("ana"), "general")
    pass_seconds(3, here, there)

    here.broker.is_up = there.broker.is_up = False
    here.connect(person("eva"), "general")
    pass_seconds(200, here, there)
    assert there.presence.members("general") == ["ana"]
    here.broker.is_up = there.broker.is_up = True
    pass_seconds(12, here, there)

    assert there.presence.members("general") == ["ana", "eva"]


def test_a_process_that_was_taken_for_dead_comes_back(here, there):
    here.connect(person("ana"), "general")
    pass_seconds(3, here, there)
    pass_seconds(SILENT_TICKS + GRACE_TICKS, there)
    assert there.presence.members("general") == []

    pass_seconds(12, here, there)

    assert there.presence.members("general") == ["ana"]


def test_who_has_the_right_to_a_name_does_not_wait_for_news_of_another(here, there):
    here.connect(person("ana", "old key"), "general")
    pass_seconds(3, here, there)

    there.connect(person("ana", "new key"), "general")

    assert there.presence.person("ana").id == "new key"
    assert there.presence.members("general") == ["ana"]


def test_a_name_that_is_in_use_here_is_taken_over_once_it_is_free(here, there):
    ana = there.connect(person("ana", "one"), "general")
    here.connect(person("ana", "other"), "general")
    pass_seconds(3, here, there)
    assert there.presence.person("ana").id == "one"

    there.disconnect(ana)
    pass_seconds(3, here, there)

    assert there.presence.person("ana").id == "other"
    assert there.presence.members("general") == ["ana"]


def test_without_changes_little_is_told(here, there):
    ana = here.connect(person("ana"), "general")
    pass_seconds(5, here, there)
    told = here.broker.published

    here.remote.note(ana.person)
    pass_seconds(100, here, there)

    assert here.broker.published - told == 10


def test_a_crowd_is_merged_and_leaves_in_slices_but_is_told_together(here, there):
    names = sorted(f"guest {number}" for number in range(3 * SLICE_PEOPLE))
    for name in names:
        here.connect(person(name), "general")
    pass_seconds(1, here)
    assert there.presence.count("general") == SLICE_PEOPLE
    pass_seconds(2, there)
    assert there.presence.members("general", limit=1000) == names
    assert there.later.turns == 2
    there.told.clear()

    here.remote.stop()
    pass_seconds(GRACE_TICKS + 2, there)

    assert there.presence.members("general") == []
    assert [sorted(change.left) for change in there.told] == [names]


def test_a_process_that_comes_back_while_its_people_leave_has_all_of_them(here, there):
    names = sorted(f"guest {number}" for number in range(2 * SLICE_PEOPLE))
    for name in names:
        here.connect(person(name), "general")
    pass_seconds(3, here, there)

    while there.presence.count("general") == len(names):
        Later.pass_time(there.later)  # without the turns that follow
    assert there.presence.count("general") == SLICE_PEOPLE
    pass_seconds(12, here)
    pass_seconds(3, there, here)

    assert there.presence.members("general", limit=1000) == names
