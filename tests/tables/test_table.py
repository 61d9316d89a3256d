"""Who sees a write when, what happens to one that is refused, and two writers at once."""

from typing import Any

import pytest

from chatapp.domain.errors import ReadOnly
from chatapp.tables.table import Conflict, Table
from tests.support.accounts import MemoryDirectory


@pytest.fixture
def store() -> MemoryDirectory:
    store = MemoryDirectory()
    store.slow = True
    return store


@pytest.fixture
def names(store: MemoryDirectory) -> Table[str]:
    return store.table("names", str)


@pytest.fixture
def told(names: Table[str]) -> list[tuple[str, Any, Any]]:
    told: list[tuple[str, Any, Any]] = []
    names.on_change(lambda *change: told.append(change))
    return told


def test_all_who_ask_for_a_table_get_the_same_one(store, names):
    names.put("ana", "Ana")

    assert store.table("names", str).get("ana") == "Ana"


def test_a_write_is_seen_at_once_and_acked_when_it_is_durable(store, names):
    written = names.put("ana", "Ana")

    assert (names.get("ana"), "ana" in names, len(names), written.done) == ("Ana", True, 1, False)
    store.settle()
    assert written.result() is None


def test_a_value_is_at_once_what_it_is_after_a_restart(store):
    lists = store.table("lists", list[str])
    mine = ["a"]

    lists.put("ana", mine)
    mine.append("b")

    assert lists.get("ana") == ["a"]


def test_a_write_that_is_refused_is_taken_back(store, names, told):
    names.put("ana", "Ana")
    store.settle()

    changed, added = names.put("ana", "Anna"), names.put("bo", "Bo")
    deleted = names.delete("ana")
    assert list(names.items()) == [("bo", "Bo")]
    store.refuse()

    assert list(names.items()) == [("ana", "Ana")]
    for written in (changed, added, deleted):
        with pytest.raises(ReadOnly):
            written.result()
    assert told[-2:] == [("bo", "Bo", None), ("ana", None, "Ana")]


def test_what_became_durable_stays_when_a_later_write_is_refused(store, names):
    names.put("ana", "first")
    later = names.put("ana", "second")

    store.settle_one()
    assert names.get("ana") == "second"
    store.refuse()

    assert (names.get("ana"), later.done) == ("first", True)


def test_listeners_hear_of_each_change_once(store, names, told):
    names.put("ana", "Ana")
    names.put("ana", "Anna")
    names.delete("ana")
    store.settle()

    assert told == [("ana", None, "Ana"), ("ana", "Ana", "Anna"), ("ana", "Anna", None)]


def test_a_listener_sees_all_changes_of_a_write(store, names):
    seen: list[dict[str, str]] = []
    names.on_change(lambda *_: seen.append(dict(names.items())))

    names.write(names.change("ana", "Ana"), names.change("bo", "Bo"))

    assert seen == [{"ana": "Ana", "bo": "Bo"}] * 2


def test_of_two_writers_who_decided_on_the_same_value_one_has_to_decide_again(store, names):
    first, second = names.get("ana"), names.get("ana")

    names.put("ana", "Ana", expected=first)

    with pytest.raises(Conflict):
        names.put("ana", "Anna", expected=second)
    assert names.get("ana") == "Ana"
    store.settle()
    with pytest.raises(Conflict):
        names.delete("ana", expected="Anna")
    names.delete("ana", expected="Ana")
    assert names.get("ana") is None


def test_nothing_of_a_write_happens_when_a_part_of_it_conflicts(store, names, told):
    links = store.table("links", int)
    links.put("secret", 1)
    found = links.get("secret")
    links.delete("secret")

    with pytest.raises(Conflict):
        names.write(names.change("ana", "Ana"), links.change("secret", 0, expected=found))

    assert (names.get("ana"), links.get("secret"), told) == (None, None, [])


def test_a_write_can_rest_on_what_it_does_not_change(store, names):
    owners = store.table("owners", bool)
    owners.put("bo", True)
    basis = owners.unchanged("bo", owners.get("bo"))

    names.write(names.change("ana", "member"), basis)
    owners.delete("bo")

    with pytest.raises(Conflict):
        names.write(names.change("ana", "guest"), basis)
    assert names.get("ana") == "member"
    assert store.commits == 3
