"""A room that Element has exported becomes accounts, a room and messages."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.discord import archive
from tests.support.matrix import event, file, member, related, room_file, text, write

from .conftest import Imports


def test_a_room_comes_with_its_people(imports: Imports, tmp_path: Path):
    export = write(
        tmp_path / "export.json",
        event(0, "m.room.create", {"creator": "@ana:acme.test"}),
        member(1, "ana", shown="Ana L."),
        member(2, "bo"),
        text(3, "hello"),
        text(4, "hi @ana:acme.test, `@ana:acme.test` @cy:else.test", "bo"),
        event(5, "m.room.topic", {"topic": "Keep it up"}),
        member(6, "bo", "leave"),
    )

    report = imports.run(export, code=1)

    accounts, room = imports.accounts(), imports.rooms()["ops"]
    assert {name: one.display_name for name, one in accounts.items()} == {"ana": "Ana L.", "bo": ""}
    assert (room.kind, room.topic, set(room.members)) == (
        "private",
        "Keep it up",
        {accounts["ana"].id},
    )
    said = imports.messages("ops")
    assert [(one.sender, one.text, one.system and one.system.what) for one in said] == [
        ("ana", "ana joined", "joined"),
        ("bo", "bo joined", "joined"),
        ("ana", "hello", None),
        ("bo", "hi @ana, `@ana:acme.test` @cy:else.test", None),
        ("ana", "ana changed the topic to “Keep it up”", "topic"),
        ("bo", "bo left", "left"),
    ]
    assert said[2].at == "2024-02-29T09:46:43.000Z"
    assert list(report["skipped"]) == ["a 'm.room.create' has no place here"]
    assert report["format"] == "matrix"


def test_events_about_a_message_are_in_it(imports: Imports, tmp_path: Path):
    answer = {"m.relates_to": {"m.in_reply_to": {"event_id": "$1"}}}
    falling_back = {"is_falling_back": True, "m.in_reply_to": {"event_id": "$1"}}
    export = write(
        tmp_path / "export.json",
        text(1, "first"),
        text(2, "> <@ana:acme.test> first\n> more\n\nanswer", "bo", **answer),
        text(3, "inside", "bo", **related("m.thread", 1, **falling_back)),
        text(4, "* second", **{"m.new_content": {"body": "second"}}, **related("m.replace", 1)),
        event(5, "m.reaction", related("m.annotation", 1, key="👍"), "bo"),
        event(6, "m.reaction", related("m.annotation", 1, key="🎉"), "bo"),
        event(7, "m.room.redaction", {}, "bo", redacts="$6"),
        event(8, "m.room.message", {"msgtype": "m.emote", "body": "waves"}),
    )

    report = imports.run(export)

    first, answered, inside, emote = imports.messages("ops")
    assert (first.text, first.edited_at) == ("second", "2024-02-29T09:46:44.000Z")
    assert first.reactions == {"👍": ["bo"]}
    assert (answered.text, answered.reply_to, answered.thread) == ("answer", first.seq, None)
    assert (inside.reply_to, inside.thread) == (None, first.seq)
    assert emote.text == "_waves_"
    assert (report["messages"], report["edits"], report["reactions"]) == (4, 1, 1)


def test_what_was_deleted_is_only_kept_where_others_hang_on_it(imports: Imports, tmp_path: Path):
    export = write(
        tmp_path / "export.json",
        event(1, "m.room.message", {}),
        event(2, "m.room.message", {}),
        text(3, "inside", "bo", **related("m.thread", 1)),
        event(4, "m.room.redaction", {"redacts": "$1"}),
        event(5, "m.room.redaction", {}, redacts="$2"),
    )

    report = imports.run(export, code=1)

    root, inside = imports.messages("ops")
    assert (root.text, bool(root.deleted_by), inside.thread) == ("", True, root.seq)
    assert report["skipped"] == {"it was deleted": {"count": 1, "examples": ["event 2"]}}


def test_what_cannot_come_over_is_said(imports: Imports, tmp_path: Path):
    picture = {"msgtype": "m.image", "body": "a cat", "filename": "cat.png", "url": "mxc://a/b"}
    export = write(
        tmp_path / "export.json",
        event(1, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"}),
        event(2, "m.room.message", picture),
        {"type": "m.room.message"},
        7,
    )

    report = imports.run(export, code=1)

    assert imports.texts("ops") == ["a cat\n📎 cat.png"]
    assert report["skipped"]["the exporter could not decrypt it"]["count"] == 1
    assert sum(one["count"] for one in report["skipped"].values()) == 3
    assert list(report["incomplete"]) == ["the bytes of a file are not in the export"]


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_import_adds_nothing_twice(imports: Imports, tmp_path: Path, is_packed: bool):
    events = [text(1, "one"), event(2, "m.reaction", related("m.annotation", 1, key="👍"), "bo")]
    imports.run(write(tmp_path / "old.json", *events))

    newer = room_file(*events, text(3, "two"))
    file = tmp_path / "new.json"
    file.write_bytes(newer)
    if is_packed:
        file = archive(tmp_path / "new.zip", **{"matrix-export/export.json": newer})
    report = imports.run(file)

    assert (report["messages"], report["duplicates"], report["reactions"]) == (1, 1, 0)
    assert imports.texts("ops") == ["one", "two"]


def test_events_are_in_the_order_of_their_times(imports: Imports, tmp_path: Path):
    """The clocks of servers differ."""
    imports.run(write(tmp_path / "export.json", text(5, "later"), text(2, "earlier")))

    assert imports.texts("ops") == ["earlier", "later"]


def files_in_order(imports: Imports) -> list[list[tuple[str, str]]]:
    return [
        [(one.name, one.sha256[:6]) for one in message.files or ()]
        for message in imports.messages("ops")
    ]


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:6]


def test_files_are_taken_from_the_archive_of_element(imports: Imports, tmp_path: Path):
    """Their names there have a time in the language and the zone of whoever exported."""
    sticker = event(7, "m.sticker", {"body": "wave", "url": "mxc://a/b", "info": {"size": 6}})
    room = room_file(
        file(1, "plan.txt", size=5),
        file(2, "plan.txt", size=7),
        file(3, "plan.txt", size=5),
        file(4, "a-b.tar.gz"),
        file(5, "Voice message", type="m.audio", size=3),
        file(6, "gone.txt", size=9),
        sticker,
    )
    folder = "Element - Ops - Chat Export - 2024-03-01T10-00-00.000Z"
    export = archive(
        tmp_path / "room.zip",
        **{
            f"{folder}/files/plan-2-29-2024 at 10-46-41 AM.txt": b"first",
            f"{folder}/files/plan-2-29-2024 at 10-46-42 AM.txt": b"further",
            f"{folder}/files/plan-2-29-2024 at 10-46-43 AM.txt": b"third",
            f"{folder}/files/a-b.tar-29.2.2024 um 10-46-41.gz": b"another a-b",
            f"{folder}/files/a-b.tar-29.2.2024 um 10-46-44.gz": b"packed",
            f"{folder}/audio/Voice message-29.2.2024 um 10-46-45.ogg": b"ogg",
            f"{folder}/files/gone-29.2.2024 um 10-46-46.txt": b"of another size",
            f"{folder}/stickers/wave-29.2.2024 um 10-46-47.png": b"sticky",
            f"{folder}/export.json": room,
        },
    )

    report = imports.run(export, code=1)

    assert files_in_order(imports) == [
        [("plan.txt", digest(b"first"))],
        [("plan.txt", digest(b"further"))],
        [("plan.txt", digest(b"third"))],
        [("a-b.tar.gz", digest(b"packed"))],
        [("Voice message", digest(b"ogg"))],
        [],
        [("wave", digest(b"sticky"))],
    ]
    assert report["files"] == 6
    assert report["incomplete"]["the bytes of a file are not in the export"]["count"] == 1


def test_files_are_taken_from_the_media_store_of_a_server(imports: Imports, tmp_path: Path):
    outside = "mxc://acme.test/../../../outside"
    events = [file(number, "plan.txt") for number in (1, 2, 3, 4)]
    events[3]["content"]["url"] = outside
    media = tmp_path / "media_store"
    for name, data in {
        "local_content/ab/12/cd1": b"local",
        "acme.test/ab12cd2": b"by server",
        "ab12cd3": b"plain",
        "../outside": b"outside",
    }.items():
        path = media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    export = write(tmp_path / "export.json", *events)
    report = imports.run(export, "--media", media, code=1)

    names = [files[0][1] if files else "" for files in files_in_order(imports)]
    assert names == [digest(b"local"), digest(b"by server"), digest(b"plain"), ""]
    assert report["files"] == 3
