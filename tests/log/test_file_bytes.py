"""The bytes of files go with the log: checked, backed up, restored, exported, imported."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from chatapp.blobs.folder import FolderBlobs
from chatapp.blobs.names import original_of
from chatapp.cli.main import main
from chatapp.domain.files import removal_of
from chatapp.domain.model import Draft, FileInfo, LinkPreview
from chatapp.features.files.model import TABLE, StoredFile
from chatapp.log.disk import Disk
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory
from chatapp.upkeep.erase import ErasureSelector, erase
from chatapp.upkeep.files.references import references
from tests.support.files import picture
from tests.support.logged_files import a_file

from .conftest import Clock, draft

WHEN = "2026-11-22T12:00:00.000Z"
PICTURE, REPORT, PLAN = b"\x89PNG a picture", b"%PDF a report", "das Café plant".encode()


class Chat:
    """A data folder, with the bytes of files; `chatapp log …` works on it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.blobs = FolderBlobs(data / "files")
        self._runner = CliRunner()

    def keep(self, name: str, type: str, content: bytes) -> FileInfo:
        file = a_file(name, type, content)
        upload = self.data / "upload"
        upload.write_bytes(content)
        self.blobs.put(file.sha256, upload)
        return file

    def run(self, *words: object, exit_code: int = 0, input: str | None = None) -> Result:
        words = (*words, "--data", self.data)
        result = self._runner.invoke(main, [*map(str, words)], input=input)
        assert result.exit_code == exit_code, result.output
        return result

    def verified(self, exit_code: int = 0) -> dict[str, object]:
        result = self.run("log", "verify", "--files", "--json", exit_code=exit_code)
        found: dict[str, dict[str, object]] = json.loads(result.stdout)
        return found["files"]

    def rows(self) -> dict[str, StoredFile]:
        directory = Directory.open(self.data / "directory")
        rows = dict(directory.table(TABLE, StoredFile).items())
        directory.close()
        return rows

    def digests(self) -> set[str]:
        return {original_of(name) for name, _ in self.blobs.names()}

    def path(self, digest: str) -> Path:
        return self.data / "files" / digest[:2] / digest[2:4] / digest


@pytest.fixture
def chat(tmp_path: Path, open_log: Callable[..., MessageLog]) -> Chat:
    """Messages with three files; one of them twice, in a deleted message too."""
    chat = Chat(tmp_path)
    log = open_log()
    picture = replace(chat.keep("sun.png", "image/png", PICTURE), width=4, height=3, alt="The sun")
    report = chat.keep("report <1>.pdf", "application/pdf", REPORT)
    plan = chat.keep("plan.txt", "text/plain", PLAN)
    log.append(draft("look", files=[picture, report]))
    log.append(draft("", room="tea", sender="bo", files=[plan]))
    log.append(draft("again", files=[replace(report, id="again")]))
    log.append(draft("no files"))
    log.append(Draft(room="general", sender="ana", type="delete", target=2))
    log.close()
    return chat


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def test_the_log_knows_which_files_there_are(chat: Chat):
    known = references(chat.data / "messages")

    assert known.kept == {digest(each): len(each) for each in (PICTURE, REPORT, PLAN)}
    assert (len(known.ids), known.gone) == (4, set())


def test_what_is_erased_or_removed_is_gone_where_no_other_message_has_it(
    chat: Chat, open_log: Callable[..., MessageLog]
):
    log = open_log()
    gone = [removal_of(a_file("plan.txt", "text/plain", PLAN))]
    log.append(Draft("tea", "root", type="edit", text="", target=1, files=gone))
    log.close()
    wanted = ErasureSelector(room="general", seq=1)
    erase(Disk(), chat.data / "messages", wanted, when=WHEN)

    known = references(chat.data / "messages")

    assert known.kept == {digest(REPORT): len(REPORT)}
    assert (known.ids, known.gone) == ({"again"}, {digest(PICTURE), digest(PLAN)})


def test_a_preview_takes_no_file_away_that_has_the_bytes_of_its_picture(
    tmp_path: Path, open_log: Callable[..., MessageLog]
):
    log = open_log()
    file = a_file("pot.webp", "image/webp", PICTURE)
    preview = LinkPreview(url="https://a.example", title="A", image=replace(file, id="another"))
    log.append(draft("https://a.example", files=[file]))
    edit = Draft(room="general", sender="ana", type="edit", target=1, text="https://a.example")
    log.append(replace(edit, previews=[preview]))
    log.close()

    found = references(tmp_path / "messages")

    assert (found.kept, found.gone) == ({file.sha256: file.bytes}, set())
    assert found.ids == {file.id, "another"}


def test_each_byte_of_a_file_is_checked(chat: Chat):
    assert chat.verified() == {
        "files": 3,
        "bytes": len(PICTURE + REPORT + PLAN),
        "extra": [],
        "problems": [],
    }
    chat.keep("upload.txt", "text/plain", b"not sent yet")
    assert chat.verified()["extra"] == [digest(b"not sent yet")]

    flipped = bytearray(REPORT)
    flipped[3] ^= 1
    chat.path(digest(REPORT)).write_bytes(flipped)
    chat.path(digest(PLAN)).unlink()
    chat.path(digest(PICTURE)).write_bytes(PICTURE + b"!")

    assert chat.verified(exit_code=1)["problems"] == [
        f"files/{digest(PICTURE)} has 15 bytes, and should have 14",
        f"files/{digest(REPORT)} was changed: its SHA-256 is another one",
        f"files/{digest(PLAN)} is missing",
    ]


def test_bytes_that_should_be_erased_are_a_problem(chat: Chat):
    wanted = ErasureSelector(sender="bo")
    erase(Disk(), chat.data / "messages", wanted, when=WHEN)

    [problem] = chat.verified(exit_code=1)["problems"]  # type: ignore[misc]

    assert digest(PLAN) in problem
    assert "is still there" in problem


def test_a_backup_has_the_files_and_gives_them_back(chat: Chat, tmp_path: Path):
    first, second, away = (tmp_path / name for name in ("first", "second", "away"))

    told = chat.run("backup", first).stdout
    chat.path(digest(REPORT)).unlink()
    chat.run("backup", second)
    restored = Chat(away)
    result = restored.run("restore", second)

    assert "5 records and 3 files" in told
    assert "3 files" in result.stdout
    assert restored.verified()["files"] == 3
    of_first = FolderBlobs(first / "files")
    for content in (PICTURE, PLAN):
        assert os.stat(chat.path(digest(content))).st_nlink > 1, "it takes no more room"
    assert b"".join(of_first.read(digest(REPORT))) == REPORT


def test_a_backup_whose_files_were_changed_is_not_restored(chat: Chat, tmp_path: Path):
    chat.run("backup", tmp_path / "copy")
    broken = tmp_path / "copy" / "files" / chat.path(digest(PLAN)).relative_to(chat.data / "files")
    broken.unlink()
    broken.write_bytes(b"x" * len(PLAN))

    other = Chat(tmp_path / "other")
    result = other.run("restore", tmp_path / "copy", exit_code=1)

    assert "was changed" in result.stderr
    assert not (other.data / "messages").exists()


def test_the_old_data_keeps_its_files_after_a_restore(chat: Chat, tmp_path: Path):
    chat.run("backup", tmp_path / "copy")
    chat.run("restore", tmp_path / "copy")

    [kept] = (chat.data / "backups").iterdir()

    assert Chat(kept).verified()["files"] == 3


def test_an_export_has_the_files_beside_it_and_comes_back_the_same(chat: Chat, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    chat.run("log", "export", "-o", out / "chat.jsonl")
    fresh = Chat(tmp_path / "fresh")
    fresh.run("log", "import", out / "chat.jsonl", "--public")
    again = tmp_path / "again"
    again.mkdir()
    fresh.run("log", "export", "-o", again / "chat.jsonl")

    assert {path.name for path in (out / "files").iterdir()} == {
        digest(PICTURE) + ".png",
        digest(REPORT) + ".pdf",
        digest(PLAN) + ".txt",
    }
    assert fresh.verified()["files"] == 3
    assert events(again / "chat.jsonl") == events(out / "chat.jsonl")
    assert "Imported: nothing.\n5 were there already." in (
        fresh.run("log", "import", out / "chat.jsonl", "--public").stdout
    )


def events(path: Path) -> list[dict[str, object]]:
    """An import gives messages without a cid one of their own."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return [{key: value for key, value in row.items() if key != "cid"} for row in rows]


def test_an_import_takes_no_bytes_that_were_changed(chat: Chat, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    chat.run("log", "export", "-o", out / "chat.jsonl")
    (out / "files" / f"{digest(PLAN)}.txt").write_bytes(b"!" * len(PLAN))
    fresh = Chat(tmp_path / "fresh")

    told = fresh.run("log", "import", out / "chat.jsonl", "--public", exit_code=1).stderr

    assert "1 files are missing" in told
    assert fresh.digests() == {digest(PICTURE), digest(REPORT)}


def test_an_import_without_its_files_is_completed_by_the_next(chat: Chat, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    chat.run("log", "export", "-o", out / "chat.jsonl")
    (out / "files").rename(out / "elsewhere")
    fresh = Chat(tmp_path / "fresh")

    first = fresh.run("log", "import", out / "chat.jsonl", "--public", exit_code=1)
    missing = fresh.verified(exit_code=1)["problems"]
    (out / "elsewhere").rename(out / "files")
    fresh.run("log", "import", out / "chat.jsonl", "--public")

    assert "4 files are missing" in first.stderr
    assert len(missing) == 3  # type: ignore[arg-type]
    assert fresh.verified()["problems"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "../../etc/passwd"),
        ("sha256", "../" * 20 + "abcd"),
        ("name", "a/b"),
        ("name", "nul\x00"),
        ("name", "gnp.\u202eexe"),
        ("name", "x" * 201),
        ("type", 'text/html"><script>'),
        ("bytes", -1),
    ],
)
def test_an_import_takes_no_file_that_no_export_has(
    chat: Chat, tmp_path: Path, field: str, value: object
):
    out = tmp_path / "chat.jsonl"
    chat.run("log", "export", "--no-files", "-o", out)
    row = json.loads(out.read_text().splitlines()[0])
    row["files"][0][field] = value
    out.write_text(json.dumps(row) + "\n")

    fresh = Chat(tmp_path / "fresh")
    result = fresh.run("log", "import", out, "--public", exit_code=1)

    assert "its file has no valid" in result.stdout
    assert "Imported: nothing." in result.stdout


def test_readable_exports_show_the_files(chat: Chat, tmp_path: Path):
    shown = {}
    for kind in ("html", "markdown", "csv"):
        chat.run("log", "export", "--format", kind, "-o", tmp_path / f"chat.{kind}")
        shown[kind] = (tmp_path / f"chat.{kind}").read_text()

    picture, plan = f"files/{digest(PICTURE)}.png", f"files/{digest(PLAN)}.txt"
    html = shown["html"]
    assert f'<img src="{picture}" alt="The sun" loading="lazy" width="4" height="3">' in html
    assert 'download="report &lt;1&gt;.pdf"' in html
    assert f"![The sun]({picture})" in shown["markdown"]
    assert f"[plan\\.txt]({plan})" in shown["markdown"]
    assert '"sun.png\nreport <1>.pdf"' in shown["csv"].replace("\r\n", "\n")
    assert (tmp_path / picture).read_bytes() == PICTURE
    assert (tmp_path / plan).read_bytes() == PLAN


def test_what_goes_to_a_pipe_has_no_folder_beside_it(chat: Chat, tmp_path: Path):
    lines = chat.run("log", "export").stdout.splitlines()

    assert json.loads(lines[0])["files"][0]["sha256"] == digest(PICTURE)
    assert not (Path.cwd() / "files").exists()


def test_statistics_count_files(chat: Chat):
    found = json.loads(chat.run("log", "stats", "--json").stdout)

    assert found["files"] == {"document": 3, "image": 1}
    assert found["file_bytes"] == len(PICTURE + PLAN + 2 * REPORT)
    assert "4 files" in chat.run("log", "stats").stdout


@pytest.fixture
def imported(chat: Chat, tmp_path: Path) -> Chat:
    """The same chat, whose files have rows too."""
    chat.run("log", "export", "-o", tmp_path / "chat.jsonl")
    imported = Chat(tmp_path / "imported")
    imported.run("log", "import", tmp_path / "chat.jsonl", "--public")
    assert set(imported.rows()) == set(references(imported.data / "messages").ids)
    return imported


def test_imported_pictures_have_previews(tmp_path: Path, open_log: Callable[..., MessageLog]):
    chat, fresh = Chat(tmp_path), Chat(tmp_path / "fresh")
    photo = chat.keep("red.png", "image/png", picture())
    log = open_log()
    log.append(draft("", files=[photo]))
    log.close()
    chat.run("log", "export", "-o", tmp_path / "chat.jsonl")

    fresh.run("log", "import", tmp_path / "chat.jsonl", "--public")

    names = [name for name, _ in fresh.blobs.names()]
    assert {photo.sha256, f"{photo.sha256}.preview"} <= set(names)


def test_a_command_that_erases_removes_the_files(imported: Chat, tmp_path: Path):
    copy = tmp_path / "copy"
    imported.run("backup", copy)

    erase = ["log", "erase", "--room", "general", "--seq", 1]
    imported.run(*erase, "--dry-run")
    assert imported.digests() == {digest(PICTURE), digest(REPORT), digest(PLAN)}
    imported.run(*erase, "--yes", "--backup", copy)

    assert imported.digests() == Chat(copy).digests() == {digest(REPORT), digest(PLAN)}
    assert len(imported.rows()) == 2
    assert imported.verified()["files"] == Chat(copy).verified()["files"] == 2


def test_erasing_again_removes_what_a_crash_left(imported: Chat):
    wanted = ErasureSelector(room="general", seq=1)
    erase(Disk(), imported.data / "messages", wanted, when=WHEN)
    assert digest(PICTURE) in imported.digests()

    imported.run("log", "erase", "--room", "general", "--seq", 1, "--yes")

    assert imported.digests() == {digest(REPORT), digest(PLAN)}


@pytest.mark.parametrize("keeps", [True, False])
def test_files_of_dropped_days_go(imported: Chat, clock: Clock, tmp_path: Path, keeps: bool):
    clock.now = datetime(2100, 1, 1, tzinfo=UTC)
    log = MessageLog.open(imported.data / "messages", clock=clock)
    log.append(draft("of another century"))
    log.close()

    imported.run("log", "retain", "--older-than", 1, "--yes", *(["--keep-old"] if keeps else []))

    assert imported.digests() == set()
    assert imported.rows() == {}
    kept = [Chat(place) for place in (imported.data / "backups").glob("*")]
    assert [len(place.digests()) for place in kept] == ([3] if keeps else [])


def test_a_repair_keeps_the_files_of_lost_messages(imported: Chat):
    segment = imported.data / "messages" / "000000000001.jsonl"
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"plan.txt", b"p1an.txt")
    segment.write_bytes(b"".join(lines))

    told = imported.run("log", "repair").stderr

    assert "1 files belong to no message now" in told
    [kept] = (imported.data / "backups").iterdir()
    assert Chat(kept).digests() == {digest(PLAN)}
    assert imported.digests() == {digest(PICTURE), digest(REPORT), digest(PLAN)}


def test_an_id_that_another_message_has_becomes_a_new_one(imported: Chat, tmp_path: Path):
    rows = imported.rows()
    export = (tmp_path / "chat.jsonl").read_text()
    (tmp_path / "again.jsonl").write_text(export.replace('"room":"general"', '"room":"copy"'))

    imported.run("log", "import", tmp_path / "again.jsonl", "--public")

    assert rows.items() < imported.rows().items()
    assert len(imported.rows()) == 7
    assert imported.verified()["problems"] == []
