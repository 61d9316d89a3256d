"""Photos of people go with the directory: checked, backed up, restored, and never swept away with
a file that has the same bytes."""

from collections.abc import Callable
from pathlib import Path

from chatapp.blobs.folder import FolderBlobs
from chatapp.store.message_log import MessageLog
from tests.support.accounts import PASSWORD
from tests.support.files import picture

from .conftest import draft
from .test_file_bytes import Chat


def with_photo(folder: Path) -> tuple[Chat, str]:
    """A chat with an account, and the digest of its photo."""
    chat = Chat(folder)
    MessageLog.open(chat.data / "messages").close()
    chat.run("user", "add", "ana", "--password-stdin", input=PASSWORD)
    path = chat.data / "ana.picture"
    path.write_bytes(picture())
    chat.run("user", "photo", "ana", path)
    [digest] = chat.digests()
    return chat, digest


def test_each_byte_of_a_photo_is_checked_and_goes_with_its_person(tmp_path: Path):
    chat, digest = with_photo(tmp_path)
    assert chat.verified()["problems"] == []
    assert chat.verified()["files"] == 1

    content = chat.path(digest).read_bytes()
    chat.path(digest).unlink()
    assert chat.verified(exit_code=1)["problems"] == [f"files/{digest} is missing"]

    chat.path(digest).write_bytes(content)
    chat.run("user", "remove", "ana", "--yes")
    assert chat.verified()["files"] == 0


def test_a_photo_stays_when_a_file_with_its_bytes_is_erased_and_is_in_the_backup(
    tmp_path: Path, open_log: Callable[..., MessageLog]
):
    chat, digest = with_photo(tmp_path)
    content = chat.path(digest).read_bytes()
    log = open_log()
    log.append(draft("me", room="tea", files=[chat.keep("me.webp", "image/webp", content)]))
    log.close()
    backup = tmp_path / "a backup"
    chat.run("backup", backup)

    where = ("--room", "tea", "--seq", "1", "--yes")
    chat.run("log", "erase", *where, "--backup", backup)

    assert chat.verified()["problems"] == []
    assert FolderBlobs(backup / "files").size(digest) == len(content)
    chat.run("user", "remove-photo", "ana")
    assert chat.digests() == set()
    chat.run("restore", backup)
    assert chat.digests() == {digest}
    assert chat.verified()["problems"] == []
