"""A Slack export becomes accounts, rooms and messages, and what does not is counted."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatapp.domain.model import Room
from chatapp.store.index_feed import IndexFeed
from chatapp.store.message_log import MessageLog
from tests.support.checkout import ROOT
from tests.support.slack import USERS, said, slack_export
from tests.support.waiting import wait_until

from .conftest import Imports

START = "1709200000.000100"
DAY = "general/2024-02-29"


def imported(imports: Imports, tmp_path: Path, *messages: object, code: int = 0) -> dict[str, Any]:
    return imports.run(slack_export(tmp_path / "acme.zip", {DAY: messages}), code=code)


def test_people_come_as_accounts_that_nobody_can_sign_in_to(imports: Imports, tmp_path: Path):
    report = imports.run(slack_export(tmp_path / "acme.zip", {}))

    accounts = imports.accounts()
    assert set(accounts) == {"ana", "bo", "deploys", "Slackbot"}
    ana = accounts["ana"]
    assert (ana.display_name, ana.email, ana.imported) == ("Ana L.", "ana@acme.test", "slack")
    assert (ana.password, ana.role, ana.is_unclaimed) == ("", "member", True)
    assert (accounts["deploys"].role, accounts["deploys"].is_unclaimed) == ("bot", False)
    assert set(imports.former()) == {"cy"}
    assert (report["people"], report["deleted_people"], report["bots"]) == (4, 1, 2)


def test_rooms_are_for_the_same_people_as_there(imports: Imports, tmp_path: Path):
    imports.run(
        slack_export(
            tmp_path / "acme.zip",
            {
                "D1/2024-02-29": [said(START, "to bo")],
                "D2/2024-02-29": [said(START, "from cy", "U3")],
                "mpdm-x/2024-02-29": [said(START, "all three")],
                "board/2024-02-29": [said(START, "secret", "U2")],
            },
        )
    )

    ids = {account.name: account.id for account in imports.accounts().values()}
    rooms = imports.rooms()
    seen = {
        tuple(imports.texts(name)): (room.kind, set(room.members)) for name, room in rooms.items()
    }
    assert seen == {
        (): ("public", set()),
        ("secret",): ("private", {ids["bo"]}),
        ("to bo",): ("direct", {ids["ana"], ids["bo"]}),
        ("from cy",): ("direct", {ids["ana"]}),
        ("all three",): ("direct", {ids["ana"], ids["bo"]}),
    }
    assert rooms["ops"].archived
    assert imports.joined() == {ids["ana"]: ["ops"]}


def test_a_message_comes_with_all_that_happened_to_it(imports: Imports, tmp_path: Path):
    report = imported(
        imports,
        tmp_path,
        said(
            START,
            "Hi <@U2>, *see* <https://e.test|this> in <#C2|ops> :tada:",
            thread_ts=START,
            reply_count=2,
            edited={"user": "U1", "ts": "1709200009.000000"},
            reactions=[
                {"name": "+1", "users": ["U1", "U2"], "count": 2},
                {"name": "acme", "users": ["U2"], "count": 1},
            ],
        ),
        said("1709200001.000200", "in the thread", "U2", thread_ts=START),
        said("1709200002.000200", "for all", thread_ts=START, subtype="thread_broadcast"),
    )

    root, reply, broadcast = imports.messages()
    assert root.text == "Hi @bo, **see** [this](https://e.test) in #ops 🎉"
    assert (root.sender, root.at) == ("ana", "2024-02-29T09:46:40.000Z")
    assert root.by == imports.accounts()["ana"].id
    assert root.edited_at == "2024-02-29T09:46:49.000Z"
    assert root.reactions == {"👍": ["ana", "bo"], ":acme:": ["bo"]}
    assert (reply.thread, reply.also_to_room) == (root.seq, None)
    assert (broadcast.thread, broadcast.also_to_room) == (root.seq, True)
    assert (report["messages"], report["replies"]) == (3, 2)
    assert (report["edits"], report["reactions"]) == (1, 3)


def test_replies_name_their_messages_among_those_that_were_there(imports: Imports, tmp_path: Path):
    def at(number: int) -> str:
        return f"17092000{number:02}.000100"

    odd = [said(at(number), str(number)) for number in range(1, 20, 2)]
    reactions = [{"name": "+1", "users": ["U2"], "count": 1}]
    whole = [
        said(at(number), str(number), thread_ts=at(number - number % 5), reactions=reactions)
        for number in range(20)
    ]
    imported(imports, tmp_path, *odd)

    report = imported(imports, tmp_path, *whole, *whole[:3])

    by_seq = {message.seq: message for message in imports.messages()}
    assert {str(message.reactions) for message in by_seq.values()} == {"{'👍': ['bo']}"}
    answered = {
        message.text: by_seq[message.thread].text for message in by_seq.values() if message.thread
    }
    replies = [number for number in range(0, 20, 2) if number % 5]
    assert answered == {str(number): str(number - number % 5) for number in replies}
    assert (report["messages"], report["duplicates"], report["reactions"]) == (10, 13, 20)


def test_messages_are_in_the_order_of_their_times(imports: Imports, tmp_path: Path):
    days = {
        "general/2024-03-01": [said("1709290000.000100", "next day")],
        DAY: [said("1709200005.000100", "later"), said(START, "first")],
    }

    imports.run(slack_export(tmp_path / "acme.zip", days))

    assert imports.texts() == ["first", "later", "next day"]


def test_an_import_adds_nothing_twice(imports: Imports, tmp_path: Path):
    reactions = [{"name": "+1", "users": ["U2"], "count": 1}]
    edited = {"user": "U1", "ts": "1709200009.000000"}
    messages = [said(START, "one", reactions=reactions, edited=edited)]
    first = imported(imports, tmp_path, *messages)
    before = (imports.messages(), imports.rooms(), imports.accounts())

    again = imported(imports, tmp_path, *messages, said("1709200001.000100", "two"))

    assert (first["messages"], first["duplicates"]) == (1, 0)
    assert (again["messages"], again["duplicates"], again["people"]) == (1, 1, 0)
    assert (again["reactions"], again["edits"], again["rooms"]) == (0, 0, {})
    assert (imports.messages()[:1], imports.rooms(), imports.accounts()) == before
    assert imports.texts() == ["one", "two"]


def test_whoever_is_called_otherwise_by_now_is_the_same_person(imports: Imports, tmp_path: Path):
    imported(imports, tmp_path, said(START, "one"))
    users = [{**USERS[0], "name": "ana.lopez"}, *USERS[1:]]

    report = imports.run(
        slack_export(tmp_path / "new.zip", {DAY: [said(START, "one")]}, **{"users.json": users})
    )

    assert report["duplicates"] == 1
    assert "ana.lopez" not in imports.accounts()


def test_a_dry_run_says_the_same_and_changes_nothing(imports: Imports, tmp_path: Path):
    reactions = [{"name": "+1", "users": ["U2"], "count": 1}]
    export = slack_export(
        tmp_path / "acme.zip",
        {
            DAY: [
                said(START, "one", reactions=reactions, thread_ts=START),
                said("1709200001.000100", "two", thread_ts=START),
                said("1709200002.000100", "", files=[{"id": "F1", "name": "a.txt"}]),
            ],
            "D2/2024-02-29": [said(START, "from cy", "U3")],
        },
        **{"__uploads/F1/a.txt": b"bytes"},
    )

    dry = imports.run(export, "--dry-run")

    assert not imports.data.exists()
    real = imports.run(export)
    assert real["files"] == 1
    assert dry == real | {"dry_run": True}
    assert imports.run(export, "--dry-run")["duplicates"] == 4


def test_a_dry_run_counts_only_what_would_be_added(imports: Imports, tmp_path: Path):
    reactions = [
        {"name": "+1", "users": ["U2", "U2", "U9"], "count": 3},
        {"name": "our-own", "users": ["U2"], "count": 1},
    ]
    edited = {"user": "U1", "ts": START}
    first = slack_export(tmp_path / "1.zip", {DAY: [said(START, "one", reactions=reactions[:1])]})
    again = said("1709200001.000100", "two", reactions=reactions, edited=edited)
    second = slack_export(
        tmp_path / "2.zip",
        {
            DAY: [
                said(START, "one", reactions=[*reactions, {"name": "tada", "users": ["U1"]}]),
                again,
                again,
            ]
        },
    )

    for export in (first, second):
        dry = imports.run(export, "--dry-run")
        real = imports.run(export)
        assert real["reactions"] > 0
        assert dry == real | {"dry_run": True}


def test_names_of_the_export_cannot_command_the_terminal(imports: Imports, tmp_path: Path):
    hostile = [{"id": "U1", "name": "ana\x1b[2J\u202e", "profile": {}}]
    export = slack_export(
        tmp_path / "acme.zip", {DAY: [said(START, "one")]}, **{"users.json": hostile}
    )

    printed = imports.call(export).output

    assert "@ana␛[2J<U+202E> is called @ana" in printed
    assert not {"\x1b", "\u202e"} & set(printed)


def test_a_name_that_is_taken_stays_with_whoever_has_it(imports: Imports, tmp_path: Path):
    other = {"name": "Ana", "id": "a" * 16, "role": "member", "password": "x", "created_at": ""}
    imports.put("accounts", "ana", other)

    report = imported(imports, tmp_path, said(START, "one"))

    assert imports.messages()[0].sender == "ana-2"
    assert report["renamed"] == {"@ana": "@ana-2"}
    assert imports.accounts()["Ana"].id == "a" * 16


def test_an_admin_can_say_who_has_an_account_already(imports: Imports, tmp_path: Path):
    other = {"name": "Ana", "id": "a" * 16, "role": "member", "password": "x", "created_at": ""}
    imports.put("accounts", "ana", other)
    export = slack_export(tmp_path / "acme.zip", {DAY: [said(START, "one")]})

    imports.run(export, "--same", "U1=ana")

    assert (imports.messages()[0].sender, imports.messages()[0].by) == ("Ana", "a" * 16)
    assert imports.call(export, "--same", "U2=nobody").exit_code != 0


def test_a_room_of_the_same_name_stays_another_room(imports: Imports, tmp_path: Path):
    imports.put("rooms", "board", Room(name="board", title="Board", kind="public"))
    export = slack_export(tmp_path / "acme.zip", {"board/2024-02-29": [said(START, "secret")]})

    imports.run(export)

    assert imports.texts("board") == []
    assert imports.texts("board-2") == ["secret"]
    assert imports.rooms()["board-2"].kind == "private"


def test_an_admin_can_choose_the_room(imports: Imports, tmp_path: Path):
    imports.put("rooms", "tea", Room(name="tea", title="Tea", kind="public"))
    export = slack_export(tmp_path / "acme.zip", {"ops/2024-02-29": [said(START, "hi")]})

    imports.run(export, "--into", "ops=tea")

    assert imports.texts("tea") == ["hi"]
    assert "ops" not in imports.rooms()


def test_public_rooms_can_be_made_private_to_their_members(imports: Imports, tmp_path: Path):
    export = slack_export(tmp_path / "acme.zip", {DAY: [said(START, "hi")]})

    imports.run(export, "--private")

    ids = {account.name: account.id for account in imports.accounts().values()}
    rooms = imports.rooms()
    assert rooms["ops"].members == {ids["ana"]: "ana"}
    assert imports.texts("general-2") == ["hi"]
    assert set(rooms["general-2"].members) == {ids["ana"], ids["bo"]}


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (5, "it is no message (Expected `object`, got `int`)"),
        ({"type": "message", "ts": 5}, "it is no message (Expected `str | null`, got `int`"),
        ({"type": "message", "text": "x", "user": "U1"}, "it has no time"),
        (said("nan", "x"), "it has no time"),
        (said("9" * 400, "x"), "it has no time"),
        ({"type": "message", "text": "x", "ts": START}, "it does not say who wrote it"),
        (said(START, "  "), "The message is empty."),
        (said(START, ""), "it has no text"),
        (said(START, "x", subtype="pinned_item"), "a pinned message has no place here"),
        ({**said(START, "x"), "type": "app_event"}, "a 'app_event' is no message"),
    ],
)
def test_what_is_no_message_is_skipped_and_counted(
    imports: Imports, tmp_path: Path, message: object, why: str
):
    report = imported(imports, tmp_path, message, said("1709200001.000100", "fine"), code=1)

    (reason, counted), *others = report["skipped"].items()
    assert reason.startswith(why)
    assert (counted["count"], others) == (1, [])
    assert counted["examples"] == [f"{DAY}.json, row 1"]
    assert imports.texts() == ["fine"]


def test_a_file_that_is_in_the_archive_comes_along(imports: Imports, tmp_path: Path):
    secret = "?t=xoxe-secret"
    files = [
        {"id": "F1", "name": "a.txt"},
        {"id": "F2", "name": "b.pdf", "permalink": "https://acme.slack.com/files/F2",
         "url_private_download": f"https://files.slack.com/b.pdf{secret}"},
        {"id": "F3", "name": "c", "permalink": f"https://files.slack.com/c{secret}"},
    ]  # fmt: skip
    export = slack_export(
        tmp_path / "acme.zip",
        {DAY: [said(START, "two files", files=files)]},
        **{"__uploads/F1/a.txt": b"bytes"},
    )

    report = imports.run(export, code=1)

    (message,) = imports.messages()
    assert message.text == "two files\n📎 [b.pdf](https://acme.slack.com/files/F2)\n📎 c"
    assert [(file.name, file.type, file.bytes) for file in message.files or ()] == [
        ("a.txt", "text/plain", 5)
    ]
    assert report["incomplete"]["the bytes of a file are not in the export"]["count"] == 2
    assert imports.run(export, code=1)["duplicates"] == 1


def test_a_message_of_an_app_is_its_attachments(imports: Imports, tmp_path: Path):
    attachments = [
        {"title": "Build", "title_link": "https://ci.test", "text": "*ok*"},
        {"from_url": "https://e.test", "text": "a preview"},
        {"fallback": "1 &lt; 2"},
    ]
    message = {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "CI",
               "ts": START, "text": "", "attachments": attachments}  # fmt: skip

    imported(imports, tmp_path, message)

    assert imports.texts() == ["[Build](https://ci.test)\n**ok**\n1 < 2"]
    assert imports.accounts()["CI"].role == "bot"


def test_a_long_text_is_imported_in_parts(imports: Imports, tmp_path: Path):
    text = "\n".join(["áé" * 100] * 100)

    report = imported(imports, tmp_path, said(START, text))

    assert report["messages"] == 1
    parts = imports.texts()
    assert len(parts) == 3
    assert "\n".join(parts) == text
    assert imported(imports, tmp_path, said(START, text))["duplicates"] == 1


def test_a_thread_whose_beginning_is_missing_is_in_the_room(imports: Imports, tmp_path: Path):
    report = imported(imports, tmp_path, said(START, "reply", thread_ts="1609200000.1"), code=1)

    assert [message.thread for message in imports.messages()] == [None]
    assert report["incomplete"]["its thread is not in the export"]["count"] == 1


def test_what_was_deleted_is_deleted_here_and_keeps_its_thread(imports: Imports, tmp_path: Path):
    imported(
        imports,
        tmp_path,
        said(START, "This message was deleted.", "USLACKBOT", subtype="tombstone", thread_ts=START),
        said("1709200001.000100", "still here", thread_ts=START),
    )

    gone, reply = imports.messages()
    assert (gone.text, gone.deleted_by) == ("", "Slackbot")
    assert reply.thread == gone.seq


def test_lines_of_the_room_are_lines_here(imports: Imports, tmp_path: Path):
    imported(
        imports,
        tmp_path,
        said(START, "<@U2> has joined", "U2", subtype="channel_join"),
        said("1709200001.1", "set the topic", subtype="channel_topic", topic="Tea"),
        said("1709200002.1", "<@U2> has left", "U2", subtype="channel_leave"),
    )

    lines = [
        (message.text, message.system and message.system.what) for message in imports.messages()
    ]
    assert lines == [
        ("bo joined", "joined"),
        ("ana changed the topic to “Tea”", "topic"),
        ("bo left", "left"),
    ]


def test_an_archive_within_a_folder_is_read_too(imports: Imports, tmp_path: Path):
    plain = {"users.json": None, "channels.json": None, "groups.json": None, "dms.json": None,
             "mpims.json": None}  # fmt: skip
    whole = {f"acme/{name}": value for name, value in
             {"users.json": USERS, "channels.json": [{"id": "C1", "name": "ops"}],
              "ops/2024-02-29.json": [said(START, "hi")]}.items()}  # fmt: skip

    imports.run(slack_export(tmp_path / "acme.zip", {}, **plain, **whole))

    assert imports.texts("ops") == ["hi"]


def test_nothing_is_imported_of_what_is_no_export(imports: Imports, tmp_path: Path):
    for name, data in (("a.zip", b"PK\x03\x04 no archive"), ("b.zip", b"")):
        (tmp_path / name).write_bytes(data)
        result = imports.call(tmp_path / name, "--format", "slack")
        assert (result.exit_code, "Traceback" in result.output) == (1, False)
        assert not imports.data.exists()


def test_a_bomb_is_skipped(imports: Imports, tmp_path: Path):
    bomb = b"[" + b" " * (70 << 20) + b"]"
    export = slack_export(
        tmp_path / "acme.zip",
        {"ops/2024-02-29": [said(START, "hi")]},
        **{"ops/2024-02-28.json": bomb, "../../evil/2024-02-29.json": [said(START, "x")]},
    )

    report = imports.run(export, code=1)

    assert imports.texts("ops") == ["hi"]
    assert "a file is larger than 64 MB when unpacked" in report["skipped"]
    assert not (tmp_path.parent / "evil").exists()


def test_the_report_is_written_to_a_file(imports: Imports, tmp_path: Path):
    export = slack_export(tmp_path / "acme.zip", {DAY: [said(START, "hi")]})

    result = imports.call(export, "--report", tmp_path / "report.json")

    assert result.exit_code == 0
    assert "Imported: 1 message, 4 accounts, 1 former member" in result.stdout
    assert '"messages":1' in (tmp_path / "report.json").read_text()


def test_an_import_that_was_killed_goes_on_where_it_stopped(imports: Imports, tmp_path: Path):
    count = 3_000
    reactions = [{"name": "+1", "users": ["U2"], "count": 1}]
    messages = [
        said(f"{1709200000 + i}.000100", f"text {i}", reactions=reactions if i % 10 == 0 else [])
        for i in range(count)
    ]
    export = slack_export(tmp_path / "acme.zip", {DAY: messages})
    command = [sys.executable, "-m", "chatapp", "log", "import", export, "--data", imports.data]
    segment = imports.data / "messages" / "000000000001.jsonl"
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL
    ) as process:
        wait_until(lambda: process.poll() is not None or _size(segment) > 2_000)
        process.kill()

    report = imports.run(export)

    assert report["messages"] + report["duplicates"] == count
    page = imports.messages()
    assert page[-1].text == f"text {count - 1}"
    assert imports.run(export)["duplicates"] == count
    assert imports.run(export)["reactions"] == 0


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def test_an_import_waits_for_an_index_that_is_far_behind(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chatapp.transfer.sources.appending.MOST_UNINDEXED", 500)
    monkeypatch.setattr(IndexFeed, "_has_gathered", lambda _: False)  # it is behind for ever
    append, waiting = MessageLog.append, []

    def appended(log: MessageLog, *arguments: Any, **options: Any) -> Any:
        waiting.append(log.unindexed)
        return append(log, *arguments, **options)

    monkeypatch.setattr(MessageLog, "append", appended)
    many = [said(f"{1709200000 + number}.000100", str(number)) for number in range(4000)]

    report = imported(imports, tmp_path, *many)

    assert report["messages"] == len(waiting) == 4000
    assert max(waiting) < 2000
