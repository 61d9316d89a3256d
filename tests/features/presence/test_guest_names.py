"""The names of guests at several processes: the rules, with tables in memory."""

from types import SimpleNamespace

import pytest

from chatapp.domain.errors import NameTaken, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.presence.guest_names import NEW_SECONDS, GuestName, GuestNames
from chatapp.features.presence.several_processes import SeveralProcesses
from tests.features.presence.test_manager import Later
from tests.support.accounts import MemoryDirectory


class Process:
    def __init__(self, store, name="here"):
        self.store = store
        self.rows = store.table("guests", GuestName)
        self.others: list[str] | None = ["there"]
        self.later = Later()
        self.now = 1000.0
        self.connected = {}
        self.lost = []
        self.begun = []
        self.names = GuestNames(
            store,
            name,
            lambda: self.others,
            person=lambda name: self.connected.get(name.casefold()),
            lost=self.lost.append,
            begins=self.begun.append,
            later=self.later,
            now=lambda: self.now,
        )

    def claim(self, person):
        """As the connect handler: connects the person as soon as they have the name."""
        claimed = self.names.claim(person)
        if claimed is None:
            self.connected[person.name.casefold()] = person
        else:
            claimed.add_done_callback(lambda _: self.connect(person, claimed))
        return claimed

    def connect(self, person, claimed):
        if not claimed.has_failed:
            self.connected[person.name.casefold()] = person

    def disconnect(self, name):
        del self.connected[name]
        self.names.release_unused(name)

    def row(self, key="ana"):
        row = self.rows.get(key)
        return row and (row.id, row.processes)


@pytest.fixture
def store():
    return MemoryDirectory()


@pytest.fixture
def here(store):
    return Process(store)


def person(name="ana", id="one"):
    return Person(name=name, id=id)


def put(here, id, *processes):
    here.rows.put("ana", GuestName("ana", id, processes))


def test_a_name_is_used_once_it_is_durable_and_released_at_departure(store, here):
    store.slow = True
    claimed = here.claim(person())
    assert not claimed.done
    assert here.connected == {}

    store.settle()
    assert here.connected == {"ana": person()}
    assert here.row() == ("one", ("here",))
    store.slow = False
    here.disconnect("ana")

    assert here.row() is None


def test_a_second_device_waits_for_the_same_claim_and_a_third_not_at_all(store, here):
    store.slow = True
    first, second = here.claim(person()), here.claim(person())
    store.settle()

    assert first is second
    assert store.commits == 1
    assert here.claim(person()) is None


def test_somebody_else_is_refused_also_while_the_claim_is_on_its_way(store, here):
    store.slow = True
    here.claim(person())
    with pytest.raises(NameTaken):
        here.names.claim(person(id="two"))

    store.settle()
    with pytest.raises(NameTaken):
        here.names.claim(person("ANA", "two"))


def test_a_name_of_another_process_is_taken_for_others_but_not_for_the_same_guest(here):
    put(here, "one", "there")

    with pytest.raises(NameTaken):
        here.names.claim(person(id="two"))
    here.claim(person())

    assert here.row() == ("one", ("here", "there"))
    here.disconnect("ana")
    assert here.row() == ("one", ("there",))


def test_the_name_of_a_dead_process_is_taken_over(here):
    put(here, "one", "there")
    here.others = []
    with pytest.raises(NameTaken):  # it may have just started
        here.names.claim(person(id="two"))

    here.now += NEW_SECONDS
    here.claim(person(id="two"))

    assert here.row() == ("two", ("here",))


def test_processes_that_nobody_has_heard_of_yet_are_alive(here):
    put(here, "one", "somewhere")
    here.now += NEW_SECONDS
    here.others = None

    with pytest.raises(NameTaken):
        here.names.claim(person(id="two"))


def test_of_two_who_claim_at_once_the_second_is_refused(store, here):
    store.slow = True
    claimed = here.claim(person())

    store.follow("guests", "ana", GuestName("ana", "two", ("there",)))
    store.conflict()

    with pytest.raises(NameTaken):
        claimed.result()
    assert here.connected == {}
    assert here.row() == ("two", ("there",))


def test_the_same_guest_who_comes_to_both_at_once_is_at_both(store, here):
    store.slow = True
    claimed = here.claim(person())

    store.follow("guests", "ana", GuestName("ana", "one", ("there",)))
    store.conflict()
    store.settle()

    assert claimed.result() is None
    assert here.row() == ("one", ("here", "there"))


def test_while_the_database_is_away_a_claim_fails(store, here):
    store.slow = True
    claimed = here.claim(person())

    store.refuse()

    with pytest.raises(Unavailable) as refusal:
        claimed.result()
    assert refusal.value.retry_after
    assert here.row() is None


def test_a_claim_that_nobody_waits_for_any_more_is_released(store, here):
    here.names.claim(person())
    assert here.row() == ("one", ("here",))

    here.later.pass_time()

    assert here.row() is None


def test_a_release_that_failed_is_repeated(store, here):
    here.claim(person())
    store.slow = True
    here.disconnect("ana")
    store.refuse()
    assert here.row() == ("one", ("here",))

    store.slow = False
    here.later.pass_time()

    assert here.row() is None


def test_a_name_that_is_about_to_be_used_is_not_released(store, here):
    store.slow = True
    here.claim(person())

    here.later.pass_time()
    store.settle()

    assert here.connected == {"ana": person()}
    assert here.row() == ("one", ("here",))


def test_a_release_is_repeated_if_the_guest_came_to_another_process_meanwhile(store, here):
    here.claim(person())
    store.slow = True
    here.disconnect("ana")

    store.follow("guests", "ana", GuestName("ana", "one", ("here", "there")))
    store.conflict()
    store.settle()

    assert here.row() == ("one", ("there",))


def test_the_first_living_process_releases_the_names_of_the_dead(here):
    put(here, "one", "dead", "there")
    here.later.pass_time()
    assert here.row() == ("one", ("dead", "there"))
    here.now += NEW_SECONDS
    here.others = ["a first one", "there"]
    here.later.pass_time()
    assert here.row() == ("one", ("dead", "there"))

    here.others = None
    here.later.pass_time()
    assert here.row() == ("one", ("dead", "there"))

    here.others = ["there"]
    here.later.pass_time()
    assert here.row() == ("one", ("there",))


def test_who_was_taken_for_dead_claims_the_name_back_if_it_is_free(here):
    here.claim(person())
    here.rows.delete("ana")
    here.later.pass_time()

    assert here.row() == ("one", ("here",))
    assert here.lost == []


def test_who_was_taken_for_dead_loses_a_name_that_somebody_else_has(here):
    here.claim(person())
    put(here, "two", "there")
    here.later.pass_time()

    assert here.lost == [person()]


def test_a_conflict_that_does_not_end_is_an_answer(store, here):
    store.slow = True
    claimed = here.claim(person())

    while not claimed.done:
        store.conflict()

    with pytest.raises(Unavailable):
        claimed.result()


def test_a_guest_who_was_connected_nowhere_begins_anew(here):
    here.claim(person("ana", "one"))
    here.claim(person("anita", "one"))
    put(here, "two", "there")
    here.claim(person("ana", "two"))
    assert here.begun == ["one"]

    here.disconnect("ana")
    here.disconnect("anita")
    here.claim(person("anita", "one"))
    assert here.begun == ["one", "one"]


def test_a_name_is_claimed_after_what_others_wrote_about_the_guest_is_there(here):
    reached = Future()
    processes = SeveralProcesses(SimpleNamespace(), here.names, lambda: reached)

    claimed = processes.claim(person(id="guest:one"))
    assert not claimed.done
    assert here.row() is None

    reached.resolve(None)
    assert claimed.result() is None
    assert here.row() == ("guest:one", ("here",))
