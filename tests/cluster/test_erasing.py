"""Texts that are erased in a chat of several processes are gone from every copy, and the database.

Each test ends with the same files everywhere, which `chatapp log verify` finds whole.
"""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psycopg
import pytest

from chatapp.domain.clock import now, timestamp
from chatapp.domain.future import Future
from chatapp.domain.model import Draft
from chatapp.store.message_log import Disk, MessageLog
from chatapp.upkeep import erase_database as erasing_database
from chatapp.upkeep.erase import ErasureSelector, erase_decided, prepare
from chatapp.upkeep.verify import verify
from tests.support.cluster import journal_bytes, two_nodes
from tests.support.copies import Copies, lines_in_database, say
from tests.support.server import Server
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tests.test_way_of_a_message import call, hear

SECRET = "the key is under the mat"
EVA = {"sender": "eva"}
KEPT = "nobody minds this"


def talk(log: MessageLog) -> None:
    for number in range(10):
        say(log, "eva", f"{SECRET} {number}")
        say(log, "ana", f"{KEPT} {number}")


def decide(log: MessageLog, wanted: dict[str, Any]) -> int:
    assert log.shared
    return log.shared.decide_erasure(wanted, timestamp(now())).result()


def found(log: MessageLog, text: str) -> int:
    return len(log.search(f'"{text}"').result().messages)


def test_all_copies_and_the_database_erase_the_same(copies: Copies) -> None:
    one, two = copies.open("one"), copies.open("two")
    talk(one)
    two.flush()
    assert found(two, SECRET) == 10

    assert decide(one, EVA) == 1
    say(two, "eva", "what I wrote later is kept")
    one.flush()
    for log in (one, two):
        erase_decided(log)
        assert found(log, SECRET) == 0
        assert found(log, "wrote later") == 1
    early = copies.open("early")  # The texts are in the database still.
    assert early.shared
    assert early.shared.lacking
    erase_decided(early)
    copies.erase_in_database("two")
    late = copies.open("late")

    assert late.shared
    assert not late.shared.lacking
    assert {log.epoch for log in (one, two, early, late)} == {one.epoch}
    copies.are_the_same_without(SECRET, "one", "two", "early", "late")


def test_one_message_is_erased_with_its_edits(copies: Copies) -> None:
    one = copies.open("one")
    talk(one)
    edit = Draft(room="general", sender="eva", by="eva", type="edit", target=1, text="the new key")
    one.append(edit).result()
    before = one.epoch

    decide(one, {"room": "general", "seq": 1})
    erase_decided(one)
    copies.erase_in_database("one")

    assert one.epoch != before
    assert [found(one, text) for text in (SECRET, "the new key")] == [9, 0]
    copies.open("two")
    copies.are_the_same_without("the new key", "one", "two")


def test_old_messages_are_erased_with_their_edits_and_later_ones_stay(copies: Copies) -> None:
    one = copies.open("one")
    talk(one)
    for seq, text in ((1, "the new key"), (7, "a later key")):
        edit = Draft(room="general", sender="eva", by="eva", type="edit", target=seq, text=text)
        one.append(edit).result()
    one.append(Draft(room="tea", sender="eva", text=f"{SECRET} elsewhere")).result()

    decide(one, {"up_to": {"general": 4, "nowhere": 9}})
    erase_decided(one)
    copies.erase_in_database("one")

    assert [found(one, text) for text in ("the new key", "a later key")] == [0, 1]
    assert [found(one, text) for text in (SECRET, KEPT)] == [8, 8]
    copies.open("two")
    copies.are_the_same_without("the new key", "one", "two")


def test_a_copy_that_was_away_erases_before_it_goes_on(copies: Copies) -> None:
    one, away = copies.open("one"), copies.open("away")
    talk(one)
    away.flush()
    talk(one)
    away.close()

    decide(one, EVA)
    talk(one)
    decide(one, {"sender": "eva", "room": "general"})
    say(one, "ana", KEPT)
    erase_decided(one)
    copies.erase_in_database("one")
    back = copies.open("away")

    assert back.shared
    assert [each.number for each in back.shared.lacking] == [1, 2]
    erase_decided(back)
    assert found(back, SECRET) == 0
    copies.are_the_same_without(SECRET, "one", "away")


def test_a_copy_that_is_killed_at_any_step_ends_right(copies: Copies) -> None:
    one, two = copies.open("one"), copies.open("two")
    talk(one)
    two.flush()
    decide(one, EVA)
    erase_decided(one)
    killed: list[str] = []

    def killed_here(pending: Future[Any] | None = None) -> Any:
        """What a process leaves that is killed now."""
        killed.append(f"killed {len(killed)}")
        shutil.copytree(copies.data("two"), copies.data(killed[-1]))
        return pending.result() if pending else None

    killed_here()
    two.flush()
    assert two.shared
    [decided] = two.shared.lacking
    killed_here()
    wanted = ErasureSelector(sender="eva")
    prepare(Disk(), two.folder, wanted, when=decided.at, active=decided.n + 1)
    two.finish_erasing(killed_here, decided)

    assert len(killed) > 6
    for name in killed:
        log = copies.open(name)
        erase_decided(log)
        assert (found(log, SECRET), found(log, KEPT)) == (0, 10)
        say(log, "ana", f"on we go, {name}")
    copies.erase_in_database(killed[0])
    one.flush()
    for name in ("one", "two", *killed):
        copies.open(name)
    copies.are_the_same_without(SECRET, "one", "two", *killed)


def test_when_the_process_that_overwrites_the_database_dies_another_goes_on(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = copies.open("one"), copies.open("two")
    talk(one)
    decide(one, EVA)
    two.flush()
    overwrite, overwritten = erasing_database._overwrite, 0

    def dies_at_the_third(*arguments: Any) -> None:
        nonlocal overwritten
        overwritten += 1
        if overwritten == 3:
            raise KeyboardInterrupt
        overwrite(*arguments)

    monkeypatch.setattr(erasing_database, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(erasing_database, "_overwrite", dies_at_the_third)
    for log in (one, two):
        erase_decided(log)
    with pytest.raises(KeyboardInterrupt):
        copies.erase_in_database("one")
    assert 0 < lines_in_database(copies.url).count(SECRET.encode()) < 10

    monkeypatch.setattr(erasing_database, "_overwrite", overwrite)
    copies.erase_in_database("two")

    copies.are_the_same_without(SECRET, "one", "two")


def test_a_database_that_has_gone_back_gets_the_erasure_from_a_copy(copies: Copies) -> None:
    one = copies.open("one")
    talk(one)
    with psycopg.connect(copies.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE backup AS TABLE chatapp.batch")
        decide(one, EVA)
        erase_decided(one)
        copies.erase_in_database("one")
        one.close()
        connection.execute("DELETE FROM chatapp.erasure; DELETE FROM chatapp.batch")
        connection.execute("UPDATE chatapp.stream SET erasures = 0")
        connection.execute("INSERT INTO chatapp.batch SELECT * FROM backup")
    assert SECRET.encode() in lines_in_database(copies.url)

    copies.open("one")
    copies.erase_in_database("one")
    copies.open("two")

    assert not (copies.data("one") / "rescued").exists()
    copies.are_the_same_without(SECRET, "one", "two")


def test_a_copy_of_another_history_tells_the_database_nothing(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.cluster.replaced.GRACE_SECONDS", 0.0)
    one = copies.open("one")
    talk(one)
    decide(one, EVA)
    erase_decided(one)
    copies.close()
    with psycopg.connect(copies.url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA chatapp CASCADE")
        two = copies.open("two")
        talk(two)

        copies.open("one")

        assert (copies.data("one") / "rescued").exists()
        assert connection.execute("SELECT * FROM chatapp.erasure").fetchall() == []
    assert found(two, SECRET) == 10


@pytest.fixture(scope="module")
def nodes(postgres: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any]]:
    with two_nodes(postgres.new_database("erasing"), tmp_path_factory) as nodes:
        yield nodes


def test_an_admin_erases_messages_on_all_servers_though_one_is_killed(
    nodes: tuple[Server, Server], connect: Callable[..., Any]
) -> None:
    here, _there = nodes
    at_here, at_there = (
        connect(f"gus{number}", url=node.url, auth={"name": f"gus{number}"})
        for number, node in enumerate(nodes)
    )
    first = call(at_there, "message", {"text": SECRET})["message"]["seq"]
    second = call(at_there, "message", {"text": f"{SECRET} still"})["message"]["seq"]
    admins = [Visitor(node.url).sign_in() for node in nodes]

    admins[1].submit("/admin/settings", web_rooms="on", was_web_rooms="off")
    opens = {"room": "general", "what": "everything", "reason": "for everyone"}
    assert admins[1].submit("/admin/room/publish", **opens).status_code == 303
    wait_until(lambda: SECRET in admins[0].get("/web/general/").text, what="both to publish it")
    asked = admins[1].submit("/admin/erasures/message", room="general", seq=first, reason="asked")

    assert asked.status_code == 303, asked.text
    form = {"room": "general", "keep": "days", "days": "9", "reason": "the law"}
    assert admins[1].submit("/admin/room/retention", **form).status_code == 303
    for client in (at_here, at_there):
        while hear(client, "room")["retention_days"] != 9:
            pass  # Before, they are told that the web can read it.
    for client in (at_here, at_there):
        assert hear(client, "erased")["seqs"] == [first]
    here.kill9()  # It has the lease, as the first of the two.
    asked = admins[1].submit("/admin/erasures/message", room="general", seq=second, reason="asked")
    assert asked.status_code == 303, asked.text
    while hear(at_there, "erased")["seqs"] != [second]:
        pass  # What it was doing when it was killed is done once more, and finds nothing.
    here.start()
    again = connect("gus3", url=here.url, auth={"name": "gus3"})
    messages = call(again, "history", {"room": "general"})["messages"]
    assert [message["text"] for message in messages if message["seq"] in (first, second)] == [
        "",
        "",
    ]
    wait_until(
        partial(_are_alike, nodes, SECRET), what="the text to be gone, and all copies to be alike"
    )
    assert "erased" in admins[1].get("/admin/audit").text
    for admin in admins:
        admin.close()
    for node in nodes:
        assert verify(node.data / "messages").problems == []


def _are_alike(nodes: tuple[Server, Server], text: str) -> bool:
    here, there = (journal_bytes(node.data, "messages") for node in nodes)
    url = nodes[0].settings["CHATAPP_POSTGRES"]
    return text.encode() not in here and here == there == lines_in_database(url)
