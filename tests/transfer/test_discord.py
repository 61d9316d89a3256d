"""What DiscordChatExporter writes becomes accounts, rooms and messages."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.transfer.sources import json_stream
from chatapp.transfer.sources.archives import DamagedMember
from chatapp.transfer.sources.json_stream import JsonStream
from tests.support.discord import archive, channel_file, said, user

from .conftest import Imports


def write(path: Path, *messages: object, **options: object) -> Path:
    path.write_bytes(channel_file(*messages, **options))  # type: ignore[arg-type]
    return path


def test_a_channel_comes_with_its_people(imports: Imports, tmp_path: Path):
    export = write(
        tmp_path / "ops.json",
        said(1, "hello"),
        said(2, "beep", "robot", 1),
        said(3, "gone", "Deleted User", 2),
    )

    report = imports.run(export)

    accounts, room = imports.accounts(), imports.rooms()["ops"]
    assert {name: one.display_name for name, one in accounts.items()} == {
        "ana": "Ana L.",
        "robot": "Robot L.",
    }
    assert accounts["robot"].role == "bot"
    assert set(imports.former()) == {"Deleted User"}
    assert (room.kind, room.topic) == ("private", "Keep it up")
    assert set(room.members) == {one.id for one in accounts.values()}
    assert imports.messages("ops")[0].at == "2024-02-29T09:46:00.123Z"
    assert (report["messages"], report["skipped"], report["incomplete"]) == (3, {}, {})
    assert report["format"] == "discord"


def test_texts_read_as_they_do_there(imports: Imports, tmp_path: Path):
    message = said(
        1,
        "@Bo L. see <#100> and <@12>, <@&9> `<@12>` @everyone <a:wave:5> <t:1709200000:R>",
        mentions=[user("bo")],
        embeds=[
            {"title": "CI", "url": "https://ci.test/1", "description": "All green",
             "fields": [{"name": "took", "value": "3 min", "isInline": True}]},
        ],
        stickers=[{"id": "1", "name": "Party"}],
    )  # fmt: skip

    imports.run(write(tmp_path / "ops.json", message))

    assert imports.texts("ops") == [
        "@bo see #ops and @bo, @9 `<@12>` @room :wave: 2024-02-29 09:46 UTC\n"
        "**[CI](https://ci.test/1)**\nAll green\n**took** 3 min\n(Party)"
    ]


def test_what_happened_to_a_message_comes_with_it(imports: Imports, tmp_path: Path):
    smile = {"id": "", "name": "👍", "code": "thumbsup"}
    own = {"id": "7", "name": "party", "code": "party"}
    export = write(
        tmp_path / "ops.json",
        said(
            1,
            "root",
            timestampEdited="2024-02-29T11:00:00+01:00",
            reactions=[
                {"emoji": smile, "count": 2, "users": [user("bo")]},
                {"emoji": own, "count": 1, "users": [user("ana")]},
            ],
        ),
        said(2, "answer", "bo", 1, type="Reply", reference={"messageId": "1", "channelId": "100"}),
        said(3, "lost", "bo", 2, type="Reply", reference={"messageId": "999"}),
        said(4, "", "bo", 3, type="GuildMemberJoin"),
        said(5, "", "bo", 4, type="ChannelPinnedMessage"),
        said(6, "", "bo", 5),
    )

    report = imports.run(export, code=1)

    root, answer, lost, joined = imports.messages("ops")
    assert root.reactions == {"👍": ["bo"], ":party:": ["ana"]}
    assert root.edited_at == "2024-02-29T10:00:00.000Z"
    assert (answer.reply_to, lost.reply_to) == (root.seq, None)
    assert joined.system
    assert joined.system.what == "joined"
    assert {why: one["count"] for why, one in report["incomplete"].items()} == {
        "the export does not name everybody who reacted": 1,
        "the message that it answers is not in the export": 1,
    }
    assert {why: one["examples"] for why, one in report["skipped"].items()} == {
        "a 'ChannelPinnedMessage' has no place here": ["ops.json, message 5"],
        "it has no text": ["ops.json, message 6"],
    }


def test_threads_of_an_archive_are_threads_here(imports: Imports, tmp_path: Path):
    thread = {"id": "2", "name": "why", "type": "GuildPublicThread", "categoryId": "100"}
    begun = said(5, "how", second=5, type="ThreadCreated", reference={"channelId": "50"})
    export = archive(
        tmp_path / "export.zip",
        **{
            "a/how.json": channel_file(said(51, "so", second=6), **{**thread, "id": "50"}),
            "a/ops.json": channel_file(said(1, "one"), said(2, "two", second=1), begun),
            "a/why.json": channel_file(
                said(3, "because", second=2),
                said(4, "", second=3, type="21"),
                **thread,
            ),
            "a/notes.json": b"[]",
        },
    )

    imports.run(export, code=1)

    shown = [(one.text, one.thread) for one in imports.messages("ops")]
    assert shown == [("one", None), ("two", None), ("because", 2), ("how", None), ("so", 4)]


def test_files_are_taken_from_the_archive(imports: Imports, tmp_path: Path):
    inside = {"id": "1", "fileName": "plan.txt", "url": "ops_Files%5Cplan.txt"}
    outside = {"id": "2", "fileName": "x.png", "url": "https://cdn.test/x.png?ex=1"}
    evil = {"id": "3", "fileName": "passwd", "url": "../../etc/passwd"}
    export = archive(
        tmp_path / "export.zip",
        **{
            "ops.json": channel_file(said(1, "", attachments=[inside, outside, evil])),
            "ops_Files/plan.txt": b"bytes",
        },
    )

    imports.run(export, code=1)

    (message,) = imports.messages("ops")
    assert [(file.name, file.bytes) for file in message.files or ()] == [("plan.txt", 5)]
    assert message.text == "📎 x.png\n📎 passwd"


def test_a_conversation_is_between_those_who_write_in_it(imports: Imports, tmp_path: Path):
    messages = [said(1, "hi"), said(2, "ho", "bo", 1), said(3, "hm", second=2)]

    imports.run(write(tmp_path / "dm.json", *messages, type="DirectTextChat", name="bo"))

    ids = {account.id for account in imports.accounts().values()}
    (room,) = (one for one in imports.rooms().values() if one.kind == "direct")
    assert set(room.members) == ids
    assert imports.texts(room.name) == ["hi", "ho", "hm"]


def test_an_import_adds_nothing_twice_and_a_newer_file_only_what_is_new(
    imports: Imports, tmp_path: Path
):
    old, new = [said(1, "one"), said(2, "two", second=1)], said(3, "three", second=2)
    imports.run(write(tmp_path / "old.json", *old))

    report = imports.run(write(tmp_path / "new.json", *old, new))

    assert (report["messages"], report["duplicates"]) == (1, 2)
    assert imports.texts("ops") == ["one", "two", "three"]


@pytest.mark.parametrize(
    "row", [1, None, [], {}, said(2, "x", timestamp="soon"), said(2, "x", author=None)]
)
def test_a_row_that_is_no_message_is_counted(imports: Imports, tmp_path: Path, row: object):
    report = imports.run(write(tmp_path / "ops.json", said(1, "one"), row), code=1)

    assert imports.texts("ops") == ["one"]
    (why,) = report["skipped"].values()
    assert why == {"count": 1, "examples": ["ops.json, message 2"]}


def test_what_is_cut_off_is_read_as_far_as_it_goes(imports: Imports, tmp_path: Path):
    whole = channel_file(said(1, "one"), said(2, "two", second=1))
    (tmp_path / "ops.json").write_bytes(whole[: whole.index(b"two")])

    report = imports.run(tmp_path / "ops.json", "--format", "discord", code=1)

    assert imports.texts("ops") == ["one"]
    ((why, counted),) = report["skipped"].items()
    assert why.startswith("it is no valid JSON")
    assert counted["examples"] == ["ops.json after message 1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 1]), st.integers(1, 40))
def test_a_stream_has_the_values_of_the_whole(values: list[object], indent: int | None, part: int):
    data = channel_file(*values, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "PART_BYTES", part)
        stream = JsonStream(BytesIO(data))
        head = stream.head("messages")
        found = list(stream.items())
        rows = list(JsonStream(BytesIO(data)).rows())

    assert [value for value, _ in found] == values
    assert head["channel"]["name"] == "ops"
    assert [(name, value) for name, value, _ in rows] == [("messages", value) for value in values]


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"messages"', b'{"messages": 1}', b'{"a": ' + b"[" * 9999]
)
def test_what_is_no_such_object_is_said(data: bytes):
    with pytest.raises(DamagedMember):
        list(JsonStream(BytesIO(data)).elements("messages"))
