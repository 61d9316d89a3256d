"""An export of Zulip becomes accounts, rooms, threads and messages."""

import gzip
from pathlib import Path

import pytest

from chatapp.transfer.sources import tar_archive
from tests.support.zulip import (
    ANA,
    BO,
    BOARD,
    CY,
    GROUP,
    OPS,
    TO_ANA,
    TO_BO,
    message,
    zulip_export,
)

from .conftest import Imports


def test_people_and_rooms_come_as_they_are_there(imports: Imports, tmp_path: Path):
    export = zulip_export(tmp_path / "acme.tar.gz", [message(1, "hello", CY)])

    report = imports.run(export)

    accounts, rooms = imports.accounts(), imports.rooms()
    ids = {name: one.id for name, one in accounts.items()}
    assert {name: one.email for name, one in accounts.items()} == {
        "Ana L.": "ana@acme.test",
        "Bo B.": "bo@acme.test",
        "Robot": "",
    }
    assert accounts["Robot"].role == "bot"
    assert set(imports.former()) == {"Cy"}
    assert (rooms["ops"].kind, rooms["ops"].topic) == ("public", "Keep it up")
    assert (rooms["board"].kind, set(rooms["board"].members)) == ("private", {ids["Bo B."]})
    assert imports.joined() == {ids["Ana L."]: ["ops"]}
    assert imports.messages("ops")[0].at == "2024-02-29T09:46:41.250Z"
    assert (report["format"], report["messages"], report["skipped"]) == ("zulip", 1, {})


def test_a_topic_is_a_thread(imports: Imports, tmp_path: Path):
    first = [
        message(1, "Who is on call?", subject="rota"),
        message(2, "elsewhere", subject="lunch"),
        message(3, "me", BO, subject="Rota"),
    ]
    second = [message(4, "thanks", subject="rota"), message(5, "plain")]

    imports.run(zulip_export(tmp_path / "acme.tar.gz", first, second))

    said = imports.messages("ops")
    assert [(one.text, one.thread) for one in said] == [
        ("**rota**\nWho is on call?", None),
        ("**lunch**\nelsewhere", None),
        ("me", 1),
        ("thanks", 1),
        ("plain", None),
    ]


def test_texts_read_as_they_do_there(imports: Imports, tmp_path: Path):
    texts = [
        "@**Ana L.** and @_**Bo B.|2**, @**all**, @*oncall* `@**Ana L.**`",
        "see #**ops** and #**board>budget** <time:2024-02-29T10:46:40+01:00>",
        "```quote\nso\nit is\n```\nyes",
        "@**Nobody|99** #**nowhere**",
    ]
    messages = [message(number, text) for number, text in enumerate(texts, 1)]

    imports.run(zulip_export(tmp_path / "acme.tar.gz", messages))

    assert imports.texts("ops") == [
        "@Ana L. and @Bo B., @room, @oncall `@**Ana L.**`",
        "see #ops and #board > budget 2024-02-29 09:46 UTC",
        "> so\n> it is\nyes",
        "@Nobody #nowhere",
    ]


def test_reactions_and_edits_come_with_their_messages(imports: Imports, tmp_path: Path):
    reactions = [
        {"user_profile": BO, "message": 1, "emoji_name": "+1", "emoji_code": "1f44d"},
        {"user_profile": BO, "message": 1, "emoji_name": "flag", "emoji_code": "1f1ea-1f1f8"},
        {
            "user_profile": ANA, "message": 1, "emoji_name": "party", "emoji_code": "7",
            "reaction_type": "realm_emoji",
        },
    ]  # fmt: skip
    edited = message(1, "done", last_edit_time=1_709_200_060.5)

    imports.run(zulip_export(tmp_path / "acme.tar.gz", [edited], zerver_reaction=reactions))

    (done,) = imports.messages("ops")
    assert done.reactions == {"👍": ["Bo B."], "🇪🇸": ["Bo B."], ":party:": ["Ana L."]}
    assert done.edited_at == "2024-02-29T09:47:40.500Z"


def test_conversations_are_between_the_same_people(imports: Imports, tmp_path: Path):
    messages = [
        message(1, "to bo", ANA, TO_BO),
        message(2, "to ana", BO, TO_ANA),
        message(3, "all", BO, GROUP),
        message(4, "a note", ANA, TO_ANA),
    ]

    imports.run(zulip_export(tmp_path / "acme.tar.gz", messages))

    ids = {name: one.id for name, one in imports.accounts().items()}
    seen = {
        tuple(imports.texts(name)): set(room.members)
        for name, room in imports.rooms().items()
        if room.kind == "direct"
    }
    assert seen == {
        ("to bo", "to ana"): {ids["Ana L."], ids["Bo B."]},
        ("all",): {ids["Ana L."], ids["Bo B."], ids["Robot"]},
        ("a note",): {ids["Ana L."]},
    }


def test_files_come_from_the_archive(imports: Imports, tmp_path: Path):
    links = "A plan: [plan.txt](/user_uploads/1/ab/plan.txt) ![](/user_uploads/../../etc/passwd)"

    imports.run(
        zulip_export(
            tmp_path / "acme.tar.gz",
            [message(1, links)],
            files={"uploads/1/ab/plan.txt": b"bytes"},
        ),
        code=1,
    )

    (said,) = imports.messages("ops")
    assert [(file.name, file.bytes) for file in said.files or ()] == [("plan.txt", 5)]
    assert said.text == "A plan:\n📎 passwd"


def test_an_import_adds_nothing_twice(imports: Imports, tmp_path: Path):
    messages = [message(1, "one", subject="t"), message(2, "two", BO, subject="t")]
    imports.run(zulip_export(tmp_path / "old.tar.gz", messages))

    newer = [*messages, message(3, "three", subject="t")]
    report = imports.run(zulip_export(tmp_path / "new.tar.gz", newer))

    assert (report["messages"], report["duplicates"]) == (1, 2)
    assert imports.messages("ops")[-1].thread == 1


def test_rows_that_cannot_come_over_are_counted(imports: Imports, tmp_path: Path):
    rows = [message(1, ""), message(2, "x", recipient=999), {"id": 3}, message(4, "x", 77)]

    report = imports.run(
        zulip_export(tmp_path / "acme.tar.gz", rows, zerver_reaction=[{"id": 1}]), code=1
    )

    assert imports.texts("ops") == ["x"]
    assert sorted(one["count"] for one in report["skipped"].values()) == [1, 1, 1, 1]
    assert "77" in imports.former()


@pytest.mark.parametrize(
    "data", [b"\x1f\x8bnothing", gzip.compress(b"x" * 3000, mtime=0), b"\x1f\x8b"]
)
def test_what_is_no_archive_is_refused(imports: Imports, tmp_path: Path, data: bytes):
    (tmp_path / "acme.tar.gz").write_bytes(data)

    result = imports.call(tmp_path / "acme.tar.gz", "--format", "zulip")

    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert "acme.tar.gz" in result.output


def test_a_bomb_is_refused(imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tar_archive, "ALWAYS_BYTES", 1 << 20)
    monkeypatch.setattr(tar_archive, "MAX_RATIO", 10)
    export = zulip_export(tmp_path / "acme.tar.gz", files={"uploads/zeros": bytes(8 << 20)})

    result = imports.call(export)

    assert result.exit_code != 0
    assert "too large" in result.output


def test_another_organization_with_the_same_ids_has_other_people_and_rooms(
    imports: Imports, tmp_path: Path
):
    acme = zulip_export(tmp_path / "acme.tar.gz", [message(1, "of acme")])
    boards = [message(1, "secret of other", BO, BOARD), message(2, "also secret", BO, OPS)]
    other = zulip_export(
        tmp_path / "other.tar.gz",
        boards,
        zerver_realm=[{"id": 2, "string_id": "other"}],
        zerver_stream=[
            {"id": 100, "name": "board", "invite_only": True},
            {"id": 101, "name": "plans", "invite_only": True},
        ],
    )
    imports.run(acme)

    report = imports.run(other)

    assert (report["messages"], report["duplicates"]) == (2, 0)
    assert report["known_people"] == report["known_rooms"] == 0
    assert imports.texts("ops") == ["of acme"]
    assert imports.rooms()["plans"].kind == "private"
    assert imports.run(other)["duplicates"] == 2
