"""An export for Mattermost: our own import reads the same chat of it again."""

import json
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from chatapp.blobs.folder import FolderBlobs
from chatapp.cli.log import log
from chatapp.domain.emoji import EMOJI_TABLE, OwnEmoji
from chatapp.domain.model import SystemLine
from chatapp.tables.directory import Directory
from tests.support.logged_files import a_file
from tests.support.target_chat import TargetChat, talk

from .conftest import Imports


@pytest.fixture
def chat(tmp_path: Path) -> TargetChat:
    chat = TargetChat(tmp_path / "source")
    talk(chat)
    return chat


def export(chat: TargetChat, path: Path, *options: str) -> Result:
    arguments = ["export", "--format", "mattermost", "--data", str(chat.data), "-o", str(path)]
    result = CliRunner().invoke(log, [*arguments, *options])
    assert result.exit_code == 0, result.output
    return result


def lines_of(path: Path, kind: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line[kind] for line in lines if line["type"] == kind]


@pytest.fixture
def again(chat: TargetChat, tmp_path: Path, imports: Imports) -> Imports:
    """The chat that an import makes of the export."""
    path = tmp_path / "out.jsonl"
    export(chat, path)
    report = imports.run(path)
    assert (report["skipped"], report["incomplete"]) == ({}, {})
    return imports


def test_people_and_rooms_come_back(again: Imports):
    accounts, rooms = again.accounts(), again.rooms()
    ids = {name: account.id for name, account in accounts.items()}
    assert {name: (one.display_name, one.role) for name, one in accounts.items()} == {
        "ada.lovelace": ("Ada", "member"),
        "lucja": ("Łucja", "member"),
        "bo": ("", "member"),
        "deploys": ("", "bot"),
    }
    assert (accounts["ada.lovelace"].email, accounts["bo"].email) == ("ada@acme.test", "bo@invalid")
    assert set(again.former()) == {"cy", "gus"}
    named = {name: room for name, room in rooms.items() if room.kind != "direct"}
    assert {name: (one.title, one.kind, one.topic) for name, one in named.items()} == {
        "ops": ("Ops & co", "public", "What runs"),
        "board": ("The Board", "private", ""),
        "empty": ("Empty", "public", ""),
    }
    assert set(rooms["board"].members) == {ids["bo"]}
    assert again.joined() == {ids["bo"]: ["ops"], ids["lucja"]: ["empty", "ops"]}


def test_messages_come_back_with_threads_edits_and_reactions(again: Imports, chat: TargetChat):
    messages = {message.text: message for message in again.messages("ops")}

    assert list(messages) == [
        "Ask @ada.lovelace or @lucja in #board, @room: `@bo #board` 🎉",
        "fixed",
        "in the thread",
        "between",
        "also in the room",
        "This message was deleted.",
        "its reply",
        "*waves*",
        "done",
        "I am a guest",
        "bo joined",
    ]
    first, fixed, *_ = messages.values()
    assert [messages[text].thread for text in ("in the thread", "also in the room")] == [1, 1]
    assert messages["its reply"].thread == messages["This message was deleted."].seq
    assert messages["between"].thread is None
    assert (first.sender, first.at, fixed.at) == ("bo", chat.moment(0), chat.moment(1))
    assert (fixed.edited_at, first.edited_at) == (chat.moment(4), None)
    assert fixed.reactions == {"👍": ["bo"], ":party:": ["lucja"]}
    assert (messages["bo joined"].system or first).what == "joined"  # type: ignore[union-attr]
    assert again.texts("general") == ["hello all"]


def test_conversations_stay_between_the_same_people(again: Imports):
    ids = {account.id: name for name, account in again.accounts().items()}
    seen = {
        tuple(again.texts(name)): {ids[id] for id in room.members}
        for name, room in again.rooms().items()
        if room.kind in ("direct", "private")
    }
    assert seen == {
        ("for bo",): {"ada.lovelace", "bo"},
        ("for three",): {"ada.lovelace", "bo", "lucja"},
        ("for the board",): {"bo"},
    }


def test_what_was_deleted_stays_out_and_what_is_lost_is_told(chat: TargetChat, tmp_path: Path):
    path = tmp_path / "out.jsonl"

    told = export(chat, path).stderr

    written = path.read_text(encoding="utf-8")
    assert "its reply" in written
    for text in ("secret slip", "a lost root", "deleted room", "fixd", "gone"):
        assert text not in written
    assert "Not in this format: 1 lines about changes of a room" in told
    assert "Not in this format: 1 deleted rooms" in told


def test_people_who_only_vote_anonymously_are_not_in_a_part(chat: TargetChat, tmp_path: Path):
    chat.say(sender="Voter", by="digest", type="react", target=1, emoji="🗳️", vote=[0])

    export(chat, tmp_path / "board.jsonl", "--room", "board")
    export(chat, tmp_path / "ops.jsonl", "--room", "ops")

    board, ops = tmp_path / "board.jsonl", tmp_path / "ops.jsonl"
    assert [one["username"] for one in lines_of(board, "user")] == ["bo"]
    assert [one["name"] for one in lines_of(board, "channel")] == ["board"]
    names = {one["username"] for one in lines_of(ops, "user")}
    assert names == {"ada.lovelace", "bo", "lucja", "cy", "gus"}


def test_a_reply_without_its_root_is_a_post(chat: TargetChat, tmp_path: Path):
    path = tmp_path / "out.jsonl"

    export(chat, path, "--sender", "Łucja")

    assert {post["message"] for post in lines_of(path, "post")} >= {"its reply", "fixed"}
    assert all("replies" not in post for post in lines_of(path, "post"))


def test_files_come_over_in_an_archive(chat: TargetChat, tmp_path: Path, imports: Imports):
    plan = a_file("plan.txt", "text/plain", b"the plan")
    (tmp_path / "bytes").write_bytes(b"the plan")
    FolderBlobs(chat.data / "files").put(plan.sha256, tmp_path / "bytes")
    chat.say("see", "bo", files=[plan])
    export(chat, tmp_path / "import.jsonl")
    with ZipFile(tmp_path / "chat.zip", "w") as archive:
        archive.write(tmp_path / "import.jsonl", "import.jsonl")
        for path in (tmp_path / "files").iterdir():
            archive.write(path, f"data/files/{path.name}")

    report = imports.run(tmp_path / "chat.zip")

    assert (report["files"], report["incomplete"]) == (1, {})
    (file,) = imports.messages("ops")[-1].files or ()
    assert (file.bytes, file.sha256) == (plan.bytes, plan.sha256)


def test_a_room_of_which_nothing_is_known_is_private(chat: TargetChat, tmp_path: Path):
    chat.say("who may read this?", room="unlisted")

    export(chat, tmp_path / "out.jsonl", "--room", "unlisted")

    (channel,) = lines_of(tmp_path / "out.jsonl", "channel")
    assert (channel["name"], channel["type"]) == ("unlisted", "P")


def test_pins_quotes_and_times_of_reactions_come_over(chat: TargetChat, tmp_path: Path):
    pinned, unpinned = (SystemLine(what=what, seqs=[2, 3]) for what in ("pinned", "unpinned"))
    chat.say("bo pinned messages", "bo", system=pinned)
    chat.say("bo unpinned a message", "bo", system=replace(unpinned, seqs=[2]))
    chat.say("bo pinned a message", "bo", system=replace(pinned, seqs=[4]))
    long_one = chat.say("so it is " * 30, "Łucja", thread=4)
    chat.say("indeed", "bo", reply_to=4)
    answer = chat.say("no", "bo", reply_to=long_one)
    chat.say(sender="Łucja", type="react", target=answer, emoji="👍", on=True)
    chat.say(sender="Łucja", type="react", target=answer, emoji="👍", on=False)
    chat.say(sender="Łucja", type="react", target=answer, emoji="👍", on=True)
    path = tmp_path / "out.jsonl"

    told = export(chat, path, "--room", "ops").stderr

    posts = {post["message"]: post for post in lines_of(path, "post")}
    assert [text for text, post in posts.items() if post.get("is_pinned")] == ["between"]
    assert "Not in this format: 1 pins of replies" in told
    assert "> @ada.lovelace: between\n\nindeed" in posts
    long = next(text for text in posts if text.endswith("\n\nno"))
    assert long.startswith("> @lucja: so it is so it is")
    assert long.endswith("so it is so…\n\nno")
    (reaction,) = posts[long]["reactions"]
    assert reaction["create_at"] == posts[long]["create_at"] + 3000, "of the last one"


def test_the_own_emoji_come_with_their_pictures(chat: TargetChat, tmp_path: Path):
    row = OwnEmoji(
        name="party", aliases=["fest"], sha256=sha256(b"webp").hexdigest(), bytes=4,
        width=1, height=1, animated=False, at=chat.moment(0),
    )  # fmt: skip
    (tmp_path / "bytes").write_bytes(b"webp")
    FolderBlobs(chat.data / "files").put(row.sha256, tmp_path / "bytes")
    with closing(Directory.open(chat.data / "directory")) as directory:
        directory.table(EMOJI_TABLE, OwnEmoji).put("party", row).result()
    path = tmp_path / "out.jsonl"

    export(chat, path)

    image = f"files/{row.sha256}.webp"
    assert lines_of(path, "emoji") == [
        {"name": "fest", "image": image},
        {"name": "party", "image": image},
    ]
    assert (tmp_path / image).read_bytes() == b"webp"
    kinds = [json.loads(line)["type"] for line in path.read_text().splitlines()]
    assert kinds.index("version") < kinds.index("emoji") < kinds.index("team")
