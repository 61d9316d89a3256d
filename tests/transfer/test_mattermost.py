"""A bulk export of Mattermost becomes accounts, rooms and messages."""

import json
import random
from pathlib import Path

import pytest

from chatapp.transfer.sources import line_reading, sorting
from tests.support.mattermost import HEAD, direct, mattermost_export, post, reply

from .conftest import Imports

START = 1_709_200_000


def test_people_and_rooms_come_as_they_are_there(imports: Imports, tmp_path: Path):
    report = imports.run(mattermost_export(tmp_path / "export.jsonl"))

    accounts, rooms = imports.accounts(), imports.rooms()
    ids = {account.name: account.id for account in accounts.values()}
    assert {name: account.display_name for name, account in accounts.items()} == {
        "ana": "Ana L.",
        "bo": "Bo B.",
        "deploys": "",
    }
    assert (accounts["ana"].email, accounts["ana"].imported) == ("ana@acme.test", "mattermost")
    assert set(imports.former()) == {"cy"}
    assert {name: (room.title, room.kind) for name, room in rooms.items()} == {
        "ops": ("Ops", "public"),
        "board": ("The Board", "private"),
    }
    assert set(rooms["board"].members) == {ids["bo"]}
    assert imports.joined() == {ids["ana"]: ["ops"]}
    assert (report["skipped"], report["incomplete"]) == ({}, {})


def test_posts_in_any_order_are_in_the_order_of_their_times(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sorting, "RUN_BYTES", 20_000)  # So that there are several runs.
    posts = [post(START + at, f"{at}", channel="ops" if at % 3 else "board") for at in range(500)]
    random.Random(1).shuffle(posts)

    imports.run(mattermost_export(tmp_path / "export.jsonl", *posts))

    assert imports.texts("ops")[-3:] == ["496", "497", "499"]
    for room in ("ops", "board"):
        numbers = [int(text) for text in imports.texts(room)]
        assert numbers == sorted(numbers)
        assert len(numbers) > 150


def test_a_post_comes_with_its_replies_and_reactions(imports: Imports, tmp_path: Path):
    lines = [
        post(START + 20, "between", "bo"),
        post(
            START,
            "Deploy @bo, in ~board :tada: `@bo`, @channel.",
            replies=[reply(START + 30, "later", "bo"), reply(START + 10, "done")],
            reactions=[{"user": "bo", "emoji_name": "+1", "create_at": 1000 * START + 5}],
            edit_at=1000 * START + 9,
        ),
    ]

    report = imports.run(mattermost_export(tmp_path / "export.jsonl", *lines))

    root, first, between, second = imports.messages("ops")
    assert root.text == "Deploy @bo, in #board 🎉 `@bo`, @room."
    assert root.edited_at == "2024-02-29T09:46:40.009Z"
    assert root.reactions == {"👍": ["bo"]}
    assert [(one.text, one.thread) for one in (first, between, second)] == [
        ("done", root.seq),
        ("between", None),
        ("later", root.seq),
    ]
    assert (report["messages"], report["replies"]) == (4, 2)


def test_conversations_are_between_the_same_people(imports: Imports, tmp_path: Path):
    lines = [
        {"type": "direct_channel", "direct_channel": {"members": ["ana", "bo"]}},
        direct(START, "to bo", "ana", "bo"),
        direct(START + 1, "to ana", "bo", "ana"),
        direct(START, "with cy", "cy", "ana", "bo"),
        direct(START, "a note", "ana", "ana"),
    ]

    imports.run(mattermost_export(tmp_path / "export.jsonl", *lines))

    ids = {account.name: account.id for account in imports.accounts().values()}
    seen = {
        tuple(imports.texts(name)): set(room.members)
        for name, room in imports.rooms().items()
        if room.kind == "direct"
    }
    assert seen == {
        ("to bo", "to ana"): {ids["ana"], ids["bo"]},
        ("with cy",): {ids["ana"], ids["bo"]},
        ("a note",): {ids["ana"]},
    }


def test_an_import_adds_nothing_twice(imports: Imports, tmp_path: Path):
    lines = [
        post(START, "one", replies=[reply(START + 1, "two")]),
        post(START, "at the same moment"),
        direct(START, "to bo", "ana", "bo"),
    ]
    first = imports.run(mattermost_export(tmp_path / "export.jsonl", *lines))
    before = imports.messages("ops"), imports.rooms(), imports.accounts()

    newer = mattermost_export(tmp_path / "again.jsonl", *lines)
    again = imports.run(newer, "--same-chat")

    assert first["messages"] == 4
    assert (again["messages"], again["duplicates"]) == (0, 4)
    assert (imports.messages("ops"), imports.rooms(), imports.accounts()) == before


def test_files_come_from_the_archive(imports: Imports, tmp_path: Path):
    lines = [
        post(START, "a plan", attachments=[{"path": "20240229/plan.txt"}]),
        post(START + 1, "gone", attachments=[{"path": "../../etc/passwd"}]),
    ]
    files = {"data/20240229/plan.txt": b"bytes"}

    report = imports.run(mattermost_export(tmp_path / "export.zip", *lines, files=files), code=1)

    plan, gone = imports.messages("ops")
    assert [(file.name, file.bytes) for file in plan.files or ()] == [("plan.txt", 5)]
    assert (gone.text, gone.files) == ("gone\n📎 passwd", None)
    assert report["files"] == 1


def test_rooms_of_several_teams_have_the_names_of_their_teams(imports: Imports, tmp_path: Path):
    channel = {"team": "other", "name": "ops", "display_name": "Ops", "type": "O"}
    at = next(number for number, line in enumerate(HEAD) if line["type"] == "user")
    lines = [*HEAD[:at], {"type": "channel", "channel": channel}, *HEAD[at:]]
    export = tmp_path / "export.jsonl"

    export.write_text("\n".join(map(json.dumps, [*lines, post(START, "see ~ops")])))
    imports.run(export)

    assert {"acme-ops", "other-ops", "acme-town-square"} <= set(imports.rooms())
    assert imports.texts("acme-ops") == ["see #acme-ops"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "it cannot be read (Input data was truncated"),
        (b"[1]", "it cannot be read (Expected `object`"),
        (b"[" * 100_000, "it cannot be read"),
        (b"\xff\xfe", "it cannot be read"),
        ({"type": "post", "post": {"user": "ana"}}, "it cannot be read (Object missing"),
        ({"type": "weather"}, "a 'weather' has no place here"),
        (post(START, ""), "it has no text"),
        (post(10**15, "x"), "its time is none"),
        (post(START, "x", type="system_purpose_change"), "a system_purpose_change has no place"),
        (post(START, "x", channel="nowhere"), "its room is not in the export"),
        (post(START, "x\ud800"), "it cannot be read"),
    ],
)
def test_what_is_no_post_is_skipped_and_counted(
    imports: Imports, tmp_path: Path, line: object, why: str
):
    export = mattermost_export(tmp_path / "export.jsonl", line, post(START + 1, "fine"))

    report = imports.run(export, code=1)

    (reason, counted), *others = report["skipped"].items()
    assert reason.startswith(why)
    assert (counted["count"], counted["examples"]) == (1, [f"line {len(HEAD) + 1}"])
    assert others == []
    assert imports.texts("ops") == ["fine"]


def test_a_line_that_is_too_long_is_skipped(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(line_reading, "MAX_LINE_BYTES", 10_000)
    export = mattermost_export(
        tmp_path / "export.jsonl", post(START, "x" * 50_000), post(START + 1, "fine")
    )

    report = imports.run(export, code=1)

    assert report["skipped"]["it is too long"]["count"] == 1
    assert imports.texts("ops") == ["fine"]


def test_an_archive_that_is_cut_off_is_imported_as_far_as_it_goes(imports: Imports, tmp_path: Path):
    posts = [post(START + at, f"{random.Random(at).random()}") for at in range(5_000)]
    export = mattermost_export(tmp_path / "export.zip", *posts, files={})
    data = bytearray(export.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
    export.write_bytes(data)

    report = imports.run(export, code=1)

    assert any(why.startswith("a file cannot be unpacked") for why in report["skipped"])
    assert 0 < report["messages"] < 5_000


def test_lines_of_the_room_are_lines_here(imports: Imports, tmp_path: Path):
    lines = [
        post(START, "bo joined the channel.", "bo", type="system_join_channel"),
        post(START + 1, "bo left the channel.", "bo", type="system_leave_channel"),
    ]

    imports.run(mattermost_export(tmp_path / "export.jsonl", *lines))

    assert [(one.text, one.system and one.system.what) for one in imports.messages("ops")] == [
        ("bo joined", "joined"),
        ("bo left", "left"),
    ]


def test_nothing_is_imported_of_what_is_no_export(imports: Imports, tmp_path: Path):
    (tmp_path / "x.jsonl").write_text('{"type": "post"}\n')

    result = imports.call(tmp_path / "x.jsonl", "--format", "mattermost")

    assert (result.exit_code, imports.data.exists()) == (1, False)
    assert "no bulk export of Mattermost" in result.output
