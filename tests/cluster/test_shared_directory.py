"""Small tables that several processes share: who sees what, and whose decision holds."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.domain.future import Future
from chatapp.tables.rerun import rerun
from chatapp.tables.shared_directory import SharedDirectory
from chatapp.tables.table import Conflict
from tests.support.waiting import wait_until


class Node:
    """A process's tables, and its event loop; `until()` runs those of all `nodes`."""

    def __init__(self, folder: Path, url: str, nodes: list["Node"]) -> None:
        folder.mkdir()
        self._nodes = nodes
        self._steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.tables = SharedDirectory.open_shared(
            folder / "directory", partial(PostgresStream, url, "tables"), deliver=self._steps.put
        )
        self.names = self.tables.table("names", str)

    def turn(self) -> None:
        while True:
            try:
                self._steps.get_nowait()()
            except Empty:
                return

    def until(self, condition: Callable[[], object], what: str) -> None:
        def turned() -> object:
            for node in self._nodes:
                node.turn()
            return condition()

        wait_until(turned, what=what)


@pytest.fixture
def make_node(tmp_path: Path, database: str) -> Iterator[Callable[[], Node]]:
    nodes: list[Node] = []

    def make_node() -> Node:
        nodes.append(Node(tmp_path / f"node {len(nodes)}", database, nodes))
        return nodes[-1]

    yield make_node
    for node in nodes:
        node.tables.close()


def test_what_one_process_writes_the_others_see_and_are_told(make_node):
    here, there = make_node(), make_node()
    told = []
    there.names.on_change(lambda *change: told.append(change))

    here.names.put("ana", "Ana")
    here.names.put("ana", "Anna")
    there.until(lambda: there.names.get("ana") == "Anna", "the value")
    here.names.delete("ana")
    there.until(lambda: "ana" not in there.names, "the deletion")

    assert told[-2:] == [("ana", told[-2][1], "Anna"), ("ana", "Anna", None)]
    assert make_node().names.get("ana") is None


def test_of_many_who_take_a_name_at_once_exactly_one_has_it(make_node):
    nodes = [make_node() for _ in range(4)]
    for number in range(50):
        name = f"name {number}"
        tries = [node.names.put(name, str(i), expected=None) for i, node in enumerate(nodes)]
        for node, taken in zip(nodes, tries, strict=True):
            node.until(lambda taken=taken: taken.done, "the outcome")
        winners = [str(i) for i, taken in enumerate(tries) if not taken.has_failed]
        assert len(winners) == 1
        for node in nodes:
            node.until(partial(node.names.get, name), "the winner")
            assert node.names.get(name) == winners[0]


def test_of_two_last_owners_who_step_down_at_once_one_stays(make_node):
    here, there = make_node(), make_node()
    here.names.put("ana", "owner")
    here.names.put("bo", "owner")
    for node in (here, there):
        node.until(lambda node=node: len(node.names) == 2, "both owners")

    steps = [
        here.names.write(here.names.change("ana", "member"), here.names.unchanged("bo", "owner")),
        there.names.write(
            there.names.change("bo", "member"), there.names.unchanged("ana", "owner")
        ),
    ]
    for node, step in zip((here, there), steps, strict=True):
        node.until(lambda step=step: step.done, "the outcome")

    assert sorted(step.has_failed for step in steps) == [False, True]
    here.until(
        lambda: sorted(dict(here.names.items()).values()) == ["member", "owner"], "one owner"
    )


def test_a_decision_on_ones_own_write_that_is_on_its_way_holds(make_node):
    node = make_node()
    writes = [node.names.put("ana", "0", expected=None)]
    writes += [node.names.put("ana", str(n + 1), expected=str(n)) for n in range(20)]

    node.until(lambda: all(write.done for write in writes), "the outcomes")

    assert not any(write.has_failed for write in writes)


def test_a_decision_on_a_write_that_was_refused_is_refused(make_node):
    here, there = make_node(), make_node()
    here.names.put("ana", "there", expected=None)
    here.tables.flush()  # The other process has not had its turn, and knows nothing of it.

    first = there.names.put("ana", "here", expected=None)
    second = there.names.put("ana", "again", expected="here")
    there.until(lambda: first.done and second.done, "the outcomes")

    assert (first.has_failed, second.has_failed) == (True, True)
    with pytest.raises(Conflict):
        second.result()
    assert there.names.get("ana") == "there"
    third = there.names.put("ana", "third", expected="there")
    there.until(lambda: third.done, "the third")
    third.result()


def test_followers_hear_what_others_wrote_and_not_what_this_process_wrote(make_node):
    here, there = make_node(), make_node()
    at_here, at_there = [], []
    here.names.on_followed(lambda *change: at_here.append(change))
    there.names.on_followed(lambda *change: at_there.append(change))

    here.names.put("ana", "Ana")
    there.until(lambda: at_there, "the change")
    deleted = here.names.delete("ana")
    here.until(lambda: deleted.done, "the deletion")
    there.until(lambda: len(at_there) == 2, "the deletion at the other")

    assert at_there == [("ana", None, "Ana"), ("ana", "Ana", None)]
    assert at_here == []


def test_followers_see_all_rows_of_a_write(make_node):
    here, there = make_node(), make_node()
    seen = []
    there.names.on_followed(lambda key, *_: seen.append((key, dict(there.names.items()))))

    here.names.write(here.names.change("ana", "Ana"), here.names.change("bo", "Bo"))
    there.until(lambda: len(seen) == 2, "both")

    assert seen == [(key, {"ana": "Ana", "bo": "Bo"}) for key in ("ana", "bo")]


def test_followers_hear_of_a_change_when_ones_own_write_against_it_is_refused(make_node):
    here, there = make_node(), make_node()
    heard = []
    there.names.on_followed(lambda *change: heard.append(change))
    here.names.put("ana", "here", expected=None)
    here.tables.flush()  # The other process has not had its turn, and knows nothing of it.

    refused = there.names.put("ana", "there", expected=None)
    there.until(lambda: refused.done, "the refusal")

    assert refused.has_failed
    assert heard == [("ana", None, "here")]


def test_a_follower_that_fails_is_logged_and_the_others_hear_it(make_node, caplog):
    here, there = make_node(), make_node()
    heard = []
    there.names.on_followed(lambda *_: heard.append(1 / 0))
    there.names.on_followed(lambda *change: heard.append(change))

    here.names.put("ana", "Ana")
    there.until(lambda: heard, "the change")

    assert heard == [("ana", None, "Ana")]
    assert "names" in caplog.text


def test_decisions_on_a_decision_that_is_refused_are_all_made_again(make_node):
    here, there = make_node(), make_node()
    here.names.put("ana", "a", expected=None)
    here.tables.flush()  # The other process has not had its turn, and knows nothing of it.

    def add(letter: str) -> Future[None]:
        known = there.names.get("ana")
        return there.names.put("ana", f"{known or ''}{letter}", expected=known)

    added = [rerun(partial(add, letter)) for letter in "bcdefghijk"]
    there.until(lambda: all(each.done for each in added), "the outcomes")

    assert not any(each.has_failed for each in added)
    assert there.names.get("ana") == "abcdefghijk"
