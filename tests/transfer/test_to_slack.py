"""An export for Slack: our own import reads the same chat of it again."""

import json
import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from chatapp.blobs.folder import FolderBlobs
from chatapp.cli.log import log
from chatapp.domain.model import LinkPreview, SystemLine
from tests.support.logged_files import a_file
from tests.support.target_chat import TargetChat, talk

from .conftest import Imports


@pytest.fixture
def chat(tmp_path: Path) -> TargetChat:
    chat = TargetChat(tmp_path / "source")
    talk(chat)
    return chat


def call(chat: TargetChat, *options: object) -> Result:
    arguments = ["export", "--format", "slack", "--data", chat.data, *options]
    return CliRunner().invoke(log, list(map(str, arguments)))


def export(chat: TargetChat, path: Path, *options: str) -> str:
    """What it says on standard error."""
    result = call(chat, "-o", path, *options)
    assert result.exit_code == 0, result.output
    return result.stderr


def copy_of(folder: Path, content: bytes) -> Path:
    path = folder / "bytes"
    path.write_bytes(content)
    return path


def member(path: Path, name: str) -> list[dict[str, Any]]:
    with ZipFile(path) as archive:
        objects: list[dict[str, Any]] = json.loads(archive.read(name))
    return objects


@pytest.fixture
def again(chat: TargetChat, tmp_path: Path, imports: Imports) -> Imports:
    """The chat that an import makes of the export."""
    path = tmp_path / "out.zip"
    export(chat, path)
    report = imports.run(path)
    assert (report["skipped"], report["incomplete"]) == ({}, {})
    return imports


def test_people_and_rooms_come_back(again: Imports):
    accounts, rooms = again.accounts(), again.rooms()
    ids = {name: account.id for name, account in accounts.items()}
    people = {name: (one.display_name, one.role) for name, one in accounts.items()}
    people.pop("Slackbot")
    assert people == {
        "ada.lovelace": ("Ada", "member"),
        "lucja": ("Łucja", "member"),
        "bo": ("", "member"),
        "deploys": ("", "bot"),
    }
    assert (accounts["ada.lovelace"].email, accounts["bo"].email) == ("ada@acme.test", "bo@invalid")
    assert set(again.former()) == {"cy", "gus"}
    named = {name: room for name, room in rooms.items() if room.kind != "direct"}
    assert {name: (one.kind, one.topic) for name, one in named.items()} == {
        "ops": ("public", "What runs"),
        "board": ("private", "The Board"),
        "empty": ("public", "Empty"),
    }
    assert set(rooms["board"].members) == {ids["bo"]}
    assert again.joined() == {ids["bo"]: ["ops"], ids["lucja"]: ["empty", "ops"]}


def test_messages_come_back_with_threads_edits_and_reactions(again: Imports, chat: TargetChat):
    messages = {message.text: message for message in again.messages("ops")}

    first, fixed, inside, between, also, gone, reply, *rest = messages.values()
    assert first.text == "Ask @ada.lovelace or @lucja in #board, @room: `@bo #board` 🎉"
    assert (first.sender, first.at, fixed.at) == ("bo", chat.moment(0), chat.moment(1))
    assert (fixed.text, fixed.edited_at, first.edited_at) == ("fixed", chat.moment(4), None)
    assert fixed.reactions == {"👍": ["bo"], ":party:": ["lucja"]}
    assert [(one.text, one.thread, one.also_to_room) for one in (inside, between, also)] == [
        ("in the thread", first.seq, None),
        ("between", None, None),
        ("also in the room", first.seq, True),
    ]
    assert (gone.sender, gone.text, gone.deleted_by) == ("Slackbot", "", "Slackbot")
    assert (reply.text, reply.thread) == ("its reply", gone.seq)
    assert [(one.text, one.system and one.system.what) for one in rest] == [
        ("_waves_", None),
        ("done", None),
        ("I am a guest", None),
        ("bo joined", "joined"),
        ("bo changed the topic to “What runs”", "topic"),
    ]
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


def test_what_was_deleted_stays_out(chat: TargetChat, tmp_path: Path):
    path = tmp_path / "out.zip"

    told = export(chat, path)

    with ZipFile(path) as archive:
        written = "\n".join(archive.read(name).decode() for name in archive.namelist())
    assert "its reply" in written
    for text in ("secret slip", "a lost root", "deleted room", "fixd"):
        assert text not in written
    assert "Not in this format: 1 deleted rooms" in told


def test_each_day_is_one_file_whatever_the_order(chat: TargetChat, tmp_path: Path):
    chat.skip(days=1)
    chat.say("the next day")
    chat.skip(days=-2)
    chat.say("imported from the day before")
    path = tmp_path / "out.zip"

    export(chat, path, "--room", "ops")

    with ZipFile(path) as archive:
        days = [name for name in archive.namelist() if name.startswith("ops/")]
    assert days == [f"ops/2026-0{day}.json" for day in ("2-28", "3-01", "3-02")]
    times = [float(one["ts"]) for day in days for one in member(path, day)]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


def test_files_are_in_the_archive(chat: TargetChat, tmp_path: Path, imports: Imports):
    plan = a_file("a/plan.txt", "text/plain", b"the plan")
    FolderBlobs(chat.data / "files").put(plan.sha256, copy_of(tmp_path, b"the plan"))
    chat.say("see", "bo", files=[plan])
    missing = a_file("lost.txt", "text/plain", b"lost")
    chat.say("lost", "bo", room="board", files=[missing])

    damaged = a_file("damaged.txt", "text/plain", b"as it was")
    FolderBlobs(chat.data / "files").put(damaged.sha256, copy_of(tmp_path, b"as it is"))
    chat.say("damaged", "bo", room="board", files=[damaged])

    chat.say("up", "bo", room="general", files=[replace(plan, name="..")])

    told = export(chat, tmp_path / "out.zip")
    report = imports.run(tmp_path / "out.zip", code=1)

    assert "2 files whose bytes are missing or damaged" in told
    with ZipFile(tmp_path / "out.zip") as archive:
        names = [name for name in archive.namelist() if name.startswith("__uploads/")]
    assert [name.split("/")[2:] for name in names] == [["_"], ["a_plan.txt"]]
    assert report["files"] == 2
    (file,) = imports.messages("ops")[-1].files or ()
    assert (file.name, file.sha256) == ("a_plan.txt", plan.sha256)
    assert "1 files (--no-files)" not in told
    assert "4 files (--no-files)" in export(chat, tmp_path / "bare.zip", "--no-files")


@pytest.mark.parametrize("output", [[], ["-o", "-"], ["-o", "{here}/pipe"]])
def test_an_archive_needs_a_file(chat: TargetChat, tmp_path: Path, output: list[str]):
    # A pipe of our own, never a device: code that is broken here would take its place.
    os.mkfifo(tmp_path / "pipe")

    result = call(chat, *(each.format(here=tmp_path) for each in output))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "needs a file: -o chat.zip" in result.stderr
    assert (tmp_path / "pipe").is_fifo()


def test_an_archive_that_fails_leaves_the_older_one(chat: TargetChat, tmp_path: Path):
    path = tmp_path / "out.zip"
    path.write_bytes(b"older")

    result = call(chat, "-o", path, "--room", "nowhere")

    assert result.exit_code == 4
    assert [each.name for each in tmp_path.glob("out*")] == ["out.zip"]
    assert path.read_bytes() == b"older"


def test_pins_quotes_and_previews_come_over(chat: TargetChat, tmp_path: Path, imports: Imports):
    preview = LinkPreview(url="https://e.test/a", title="A page", text="About it", site="E")
    line = SystemLine(what="pinned", seqs=[4])
    chat.say("bo pinned a message", "bo", system=line)
    chat.say("see https://e.test/a", "bo", reply_to=4, previews=[preview])
    export(chat, tmp_path / "out.zip")

    report = imports.run(tmp_path / "out.zip")

    messages = {one["text"]: one for one in member(tmp_path / "out.zip", "ops/2026-03-01.json")}
    (ops,) = (one for one in member(tmp_path / "out.zip", "channels.json") if "pins" in one)
    between, answer = messages["between"], messages["see <https://e.test/a>"]
    (pin,) = ops["pins"]
    assert (pin["id"], between["pinned_to"]) == (between["ts"], [ops["id"]])
    assert between["pinned_info"]["pinned_ts"] == pin["created"]
    assert between["pinned_info"]["pinned_by"] == pin["user"] == answer["user"]
    assert [name for name, one in messages.items() if "pinned_to" in one] == ["between"]
    quote, page = answer["attachments"]
    assert (quote["ts"], quote["text"], quote["author_id"]) == (
        between["ts"],
        "between",
        between["user"],
    )
    assert (page["from_url"], page["title"], page["service_name"]) == (preview.url, "A page", "E")
    there = {message.text: message for message in imports.messages("ops")}
    assert there["see https://e.test/a"].reply_to == there["between"].seq
    assert report["incomplete"] == {}
