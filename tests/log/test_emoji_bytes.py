"""The chat's own emoji go with the log: checked, backed up, restored, exported, imported, and
never swept away with a file that has the same bytes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from chatapp.blobs.folder import FolderBlobs
from chatapp.domain.emoji import EMOJI_TABLE, OwnEmoji
from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from tests.features.emoji.test_pictures import animation
from tests.support.files import picture
from tests.support.reports import counted

from .conftest import draft
from .test_file_bytes import Chat


def add(chat: Chat, name: str, content: bytes, *aliases: str) -> OwnEmoji:
    path = chat.data / f"{name}.picture"
    path.write_bytes(content)
    more = [word for alias in aliases for word in ("--alias", alias)]
    chat.run("emoji", "add", name, path, *more)
    return rows(chat)[name]


def rows(chat: Chat) -> dict[str, OwnEmoji]:
    directory = Directory.open(chat.data / "directory")
    found = dict(directory.table(EMOJI_TABLE, OwnEmoji).items())
    directory.close()
    return {name: row for name, row in found.items() if not row.is_alias}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two emoji, one of which moves, in texts and in a reaction."""
    chat = Chat(tmp_path_factory.mktemp("made"))
    add(chat, "party", animation(frames=4), "woo")
    add(chat, "red", picture())
    log = MessageLog.open(chat.data / "messages")
    log.append(draft("so :woo::party: `:party:` <b> https://x.org/:red: :gone:"))
    log.append(Draft(room="general", sender="ana", type="react", target=1, emoji=":red:", on=True))
    log.append(draft("/me waves :red:"))
    log.append(draft("**bold :red:** 10:30:00", room="tea", sender="bo"))
    log.close()
    return chat.data


@pytest.fixture
def chat(made: Path, tmp_path: Path) -> Chat:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Chat(tmp_path)


def test_the_command_line_lists_and_removes_them(chat: Chat):
    lines = [json.loads(line) for line in chat.run("emoji", "list", "--json").stdout.splitlines()]

    assert [(one["name"], one.get("aliases"), one.get("animated")) for one in lines] == [
        ("party", ["woo"], True),
        ("red", None, None),
    ]
    assert ":woo:" in chat.run("emoji", "list").stdout

    chat.run("emoji", "remove", "woo")
    assert list(rows(chat)) == ["red"]
    assert chat.digests() == {rows(chat)["red"].sha256}
    result = chat.run("emoji", "remove", "party", exit_code=4)
    assert "There is no emoji :party: here." in result.output
    add(chat, "party", picture("GIF"))  # the name is free again


def test_a_picture_that_is_none_and_a_name_that_is_taken_are_refused(chat: Chat):
    (chat.data / "text").write_text("no picture")
    for name, path, why in (
        ("new_one", chat.data / "text", "The picture of an emoji is a PNG, JPEG, GIF or WebP."),
        ("red", chat.data / "red.picture", "There is an emoji :red: already."),
        ("fire", chat.data / "red.picture", ":fire: is a standard emoji."),
        ("ñ", chat.data / "red.picture", "2 to 32 of these"),
    ):
        assert why in chat.run("emoji", "add", name, path, exit_code=1).output
    assert list(rows(chat)) == ["party", "red"]


def test_each_byte_of_an_emoji_is_checked(chat: Chat):
    of_party, of_red = (rows(chat)[name] for name in ("party", "red"))

    assert chat.verified() == {
        "files": 2,
        "bytes": of_party.bytes + of_red.bytes,
        "extra": [],
        "problems": [],
    }

    chat.path(of_red.sha256).unlink()
    assert chat.verified(exit_code=1)["problems"] == [f"files/{of_red.sha256} is missing"]


def test_an_emoji_stays_when_a_file_with_its_bytes_is_erased(
    chat: Chat, open_log: Callable[..., MessageLog], tmp_path: Path
):
    """Somebody has saved the emoji, and sent it as a file."""
    row = rows(chat)["red"]
    content = chat.path(row.sha256).read_bytes()
    log = open_log()
    log.append(draft("look", room="tea", files=[chat.keep("red.webp", "image/webp", content)]))
    log.close()
    backup = tmp_path / "a backup"
    chat.run("backup", backup)

    where = ("--room", "tea", "--seq", "2", "--yes")
    chat.run("log", "erase", *where, "--backup", backup)

    assert chat.verified()["problems"] == []
    assert FolderBlobs(backup / "files").size(row.sha256) == row.bytes


def test_a_backup_has_the_emoji_and_gives_them_back(chat: Chat, tmp_path: Path):
    of_party, of_red = (rows(chat)[name] for name in ("party", "red"))
    backup = tmp_path / "a backup"

    chat.run("backup", backup)
    chat.run("emoji", "remove", "party")
    chat.run("emoji", "remove", "red")
    add(chat, "blue", picture("JPEG"))
    assert chat.digests() == {rows(chat)["blue"].sha256}
    chat.run("restore", backup)

    assert rows(chat) == {"party": of_party, "red": of_red}
    assert chat.verified()["problems"] == []
    assert chat.blobs.size(of_party.sha256 + ".preview")
    [kept] = (chat.data / "backups").iterdir()
    assert len(list(FolderBlobs(kept / "files").names())) == 1


def brought(chat: Chat, out: Path, *, exit_code: int = 0) -> dict[str, Any]:
    result = chat.run("log", "import", out / "chat.jsonl", "--json", exit_code=exit_code)
    return counted(result.stdout)


def test_an_export_has_them_beside_it_and_they_come_back_the_same(chat: Chat, tmp_path: Path):
    out, again = tmp_path / "out", tmp_path / "again"
    for folder in (out, again):
        folder.mkdir()
    chat.run("log", "export", "-o", out / "chat.jsonl")
    fresh = Chat(tmp_path / "fresh")

    told = brought(fresh, out)

    assert (told["imported"], told["emoji"], told["problems"]) == (4, 2, [])
    assert rows(fresh) == rows(chat)
    assert [name for name, _ in fresh.blobs.names()] == [name for name, _ in chat.blobs.names()]
    fresh.run("log", "export", "-o", again / "chat.jsonl")
    for path in (out / "files").iterdir():
        if not path.name.startswith("still-"):  # which is made anew
            assert (again / path.relative_to(out)).read_bytes() == path.read_bytes(), path
    twice = brought(fresh, out)
    assert (twice["imported"], twice["emoji"], twice["problems"]) == (0, 0, [])


def test_an_export_of_a_part_has_the_emoji_that_are_used_there(chat: Chat, tmp_path: Path):
    chat.run("log", "export", "--room", "tea", "-o", tmp_path / "tea.jsonl")

    exported = json.loads((tmp_path / "files/emoji.json").read_text())
    assert [one["name"] for one in exported] == ["red"]


def test_an_import_takes_no_emoji_that_no_export_has(chat: Chat, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    chat.run("log", "export", "-o", out / "chat.jsonl")
    [party, red] = json.loads((out / "files/emoji.json").read_text())
    (out / f"files/{party['sha256']}.webp").write_bytes(picture("GIF"))  # another one
    big = chat.keep("big.webp", "image/webp", picture("WEBP", (900, 900)))
    text = chat.keep("text.webp", "image/webp", b"no picture")
    for file in (big, text):
        content = chat.path(file.sha256).read_bytes()
        (out / f"files/{file.sha256}.webp").write_bytes(content)
    wrong = [
        *(party, red | {"name": "<b>"}, red | {"sha256": "../../etc"}, red | {"at": "never"}),
        *(red | {"name": "big", "sha256": big.sha256}, red | {"name": "t2", "sha256": text.sha256}),
        party | {"name": "swapped", "aliases": []},
        red | {"name": "red_too", "aliases": ["party", "Wrong", "red_too", "right"]},
    ]
    (out / "files/emoji.json").write_text(json.dumps(wrong))
    (tmp_path / "fresh").mkdir()
    fresh = Chat(tmp_path / "fresh")
    add(fresh, "party", picture("JPEG"))

    told = brought(fresh, out, exit_code=1)

    assert told["emoji"] == 1
    assert list(told["incomplete"]) == [
        ":party: stays another emoji than in the file",
        "an emoji in emoji.json: '<b>' is no name",
        "an emoji in emoji.json: '../../etc' is no SHA-256",
        "an emoji in emoji.json: Invalid isoformat string: 'never'",
        "the picture of :big: is missing or damaged",
        "the picture of :t2: is missing or damaged",
        "the picture of :swapped: is missing or damaged",
    ]
    own = replace(rows(chat)["red"], name="red_too", aliases=["right"])
    assert rows(fresh) == {"party": rows(fresh)["party"], "red_too": own}
    (out / "files/emoji.json").write_text("[{]")
    told = brought(fresh, out, exit_code=1)
    assert "emoji.json is not one of ours" in told["problems"][0]


def test_the_page_of_an_export_shows_them_where_the_chat_does(chat: Chat, tmp_path: Path):
    chat.run("log", "export", "--format", "html", "-o", tmp_path / "chat.html")

    html = (tmp_path / "chat.html").read_text()
    of_party, of_red = (rows(chat)[name] for name in ("party", "red"))
    red = f'<img class="own-emoji" src="files/{of_red.sha256}.webp" alt=":red:" title=":red:"'
    still = f'srcset="files/still-{of_party.sha256}.webp"'
    assert html.count(red) == 3  # a reaction, an action, and in bold
    assert html.count(still) == 2
    assert "<code>:party:</code>" in html
    assert '/:red">https://x.org/:red</a>: :gone:' in html
    for name in (f"{of_red.sha256}.webp", f"{of_party.sha256}.webp", still[14:-1]):
        assert (tmp_path / "files" / name).is_file()
    chat.run("log", "export", "--format", "html", "--no-files", "-o", tmp_path / "plain.html")
    assert "own-emoji" not in (tmp_path / "plain.html").read_text().partition("</style>")[2]
