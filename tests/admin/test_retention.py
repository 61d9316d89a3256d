"""Retention in the console of a real server: rules, previews, legal holds, and what really goes."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import socketio

from chatapp.domain.clock import timestamp
from chatapp.domain.model import Draft
from chatapp.features.retention.rows import PLAN, PLANS, RetentionPlan
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.support.cast import chatapp, new_token, with_token
from tests.support.server import Server, environment
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.support.warm import run_warm
from tests.test_way_of_a_message import call, hear

LONG_AGO = timestamp(datetime.now(UTC) - timedelta(days=100))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("retention")
    with (
        closing(DataFolder.open(folder / "data")) as data,
        closing(MessageLog.open(data.messages)) as log,
    ):
        for room in ("general", "court"):
            for number in range(5):
                log.append(Draft(room=room, sender="eva", text=f"OLD {number}"), at=LONG_AGO)
    server = server_with_admin(folder)
    yield server
    server.close()


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return new_token(server, "mia", "member")


@pytest.fixture
def mia(server: Server, token: str) -> Iterator[socketio.SimpleClient]:
    mia = with_token(server, token)
    yield mia
    mia.disconnect()


@pytest.fixture
def boss(server: Server) -> Iterator[Visitor]:
    boss = Visitor(server.url).sign_in()
    yield boss
    boss.close()


def texts(client: socketio.SimpleClient, room: str) -> list[str]:
    return [each["text"] for each in call(client, "history", {"room": room})["messages"]]


def refused(server: Server, *command: str) -> str:
    done = run_warm(
        command, environment({"CHATAPP_DATA": str(server.data)}), input="", timeout=60.0
    )
    assert done.returncode != 0
    return done.stderr


def bring_forward(server: Server) -> None:
    """The night comes while the server is stopped."""
    server.stop()
    with (
        closing(DataFolder.open(server.data)) as folder,
        closing(Directory.open(folder.directory)) as directory,
    ):
        plans = directory.table(PLANS, RetentionPlan)
        assert PLAN in plans, "a run was planned"
        plans.put(PLAN, RetentionPlan(at=timestamp(datetime.now(UTC)))).result()
    server.start()


def test_old_messages_go_at_night_and_those_on_legal_hold_stay(
    server: Server, boss: Visitor, mia: socketio.SimpleClient, token: str
) -> None:
    call(mia, "create", {"room": "court"})
    call(mia, "message", {"text": "new"})
    assert len(texts(mia, "general")) == 6

    preview = boss.get("/admin/room?name=general&days=30").text
    assert "Older than 30 days: 5 messages." in preview
    assert "Nothing is removed" in boss.get("/admin/retention").text
    sent = {"room": "general", "keep": "days", "days": "30", "reason": "the law"}
    assert boss.submit("/admin/room/retention", **sent).status_code == 303
    wait_until(lambda: hear(mia, "room")["retention_days"] == 30, what="the room to be told")
    chatapp(server, "room", "keep", "court", "--days", "30", "--reason", "the law")
    chatapp(server, "room", "hold", "court", "--reason", "a court wants it")
    shown = boss.get("/admin/retention").text
    assert "Old messages are removed next on" in shown
    assert "To be removed: 5 messages." in shown
    assert "Legal hold" in shown

    bring_forward(server)
    mia.disconnect()
    mia = with_token(server, token)
    wait_until(lambda: texts(mia, "general") == ["new"], what="the old messages to go")
    wait_until(
        lambda: "old texts in general" in boss.sign_in().get("/admin/audit").text,
        what="their texts to be erased",
    )

    segments = b"".join(path.read_bytes() for path in (server.data / "messages").glob("*.jsonl"))
    assert segments.count(b"OLD ") == 5, "only those on hold"
    assert texts(mia, "court") == [f"OLD {number}" for number in range(5)]
    room = call(mia, "join", {"room": "general"})["room"]
    assert (room["unread"], room["retention_days"]) == (0, 30)
    assert call(mia, "history", {"room": "general", "around": 2})["messages"][0]["text"] == "new"
    chatapp(server, "log", "verify")
    mia.disconnect()


def test_nothing_on_legal_hold_can_be_erased_in_any_way(server: Server, boss: Visitor) -> None:
    chatapp(server, "room", "hold", "court", "--reason", "a court wants it")
    audit = boss.get("/admin/audit").text

    message = boss.submit("/admin/erasures/message", room="court", seq=1, reason="a wish")
    person = boss.submit("/admin/erasures/person", name="eva", confirm="eva", reason="a wish")

    for answer in (message, person):
        assert answer.status_code == 403
        assert "is on legal hold" in answer.text
    assert "Requested to erase" not in boss.get("/admin/audit").text
    assert "on legal hold" in audit
    server.stop()
    assert "court" in refused(server, "log", "erase", "--sender", "eva", "--yes")
    assert "court" in refused(server, "log", "retain", "--older-than", "30", "--yes")
    chatapp(server, "room", "hold", "court", "--end", "--reason", "it is over")
    chatapp(server, "log", "retain", "--older-than", "30", "--dry-run")
    server.start()


def test_wrong_rules_are_refused_with_a_sentence_and_change_nothing(
    server: Server, boss: Visitor
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"keep": "days", "days": "0", "reason": "x"}, "1 to 36,500 days"),
        ({"keep": "days", "days": "many", "reason": "x"}, "whole number"),
        ({"keep": "ever", "reason": " "}, "The reason is empty."),
    ]
    for form, sentence in wrong:
        answer = boss.submit("/admin/room/retention", room="court", **form)
        assert answer.status_code == 400
        assert sentence in answer.text
    assert boss.submit("/admin/retention", keep="days", days="x").status_code == 400
    assert boss.get("/admin/room?name=general&days=x").status_code == 400
    assert "Give one of" in refused(server, "room", "keep", "court", "--reason", "x")
    assert boss.submit("/admin/retention", keep="days", days="50").status_code == 303
    assert 'value="50"' in boss.get("/admin/retention").text
