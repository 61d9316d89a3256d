"""A copy proves that the chat's log has what it has: with a real server, and with one whose files
somebody has changed."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any
from zlib import crc32

import pytest
import requests
from msgspec import Raw
from msgspec.structs import replace

from chatapp.client.files.http import ChatHttp
from chatapp.client.mirror.follower import Follower
from chatapp.client.mirror.known_checkpoints import KnownCheckpoints
from chatapp.client.mirror.room_copy import RoomCopy
from chatapp.client.mirror.verifier import Verifier
from chatapp.log.batches import manifest_of
from chatapp.log.disk import Disk
from chatapp.log.format import GENESIS, decode_record, encode_record, place_of
from chatapp.log.manifest import save_manifest
from chatapp.tables.directory import Directory
from tests.support.cast import chatapp, new_token
from tests.support.server import environment
from tests.support.shifted_clock import SECONDS
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import wait_until
from tests.support.warm import run_warm

DAY_SECONDS = 86_400
DOC = Path(__file__).resolve().parents[3] / "docs" / "log-format.md"


class Enough(Exception):
    """All was said that the test waits for."""


class Chat:
    """A server, a member's token, and the member's copies."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.server = server_with_admin(folder, CHATAPP_MESSAGE_RATE="off", **settings)
        self.token = new_token(self.server, "mia", "member")
        self.copies = folder / "copies"

    def ask(self, event: str, **payload: Any) -> Any:
        """As the member, over the REST API."""
        address = f"{self.server.url}/api/v1/{event}"
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.post(address, json=payload, headers=headers, timeout=60).json()
        assert answer["ok"], answer
        return answer

    def say(self, *texts: str, room: str = "general") -> None:
        for text in texts:
            self.ask("message", room=room, text=text)

    def sign(self) -> None:
        chatapp(self.server, "log", "checkpoint")

    def follow(self, *options: str, code: int = 0, room: str = "general") -> str:
        """What it says, once the copy is complete."""
        done = run_warm(
            ("follow", self.server.url, str(self.copies), "-r", room, *(options or ("--once",))),
            environment({"CHATAPP_TOKEN": self.token}),
            input="",
            timeout=60.0,
        )
        assert done.returncode == code, done.stderr
        return str(done.stderr)

    def key(self) -> Any:
        address = f"{self.server.url}/.well-known/chatapp-log-key"
        return requests.get(address, timeout=60).json()

    def get(self, path: str, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return requests.get(f"{self.server.url}/api/v1{path}", headers=headers, timeout=60).json()


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    chat = Chat(tmp_path_factory.mktemp("chat"))
    yield chat
    chat.server.close()


def everything(chat: Chat, room: str) -> None:
    """Every kind of event, and whatever readers may not know of it."""

    def do(event: str, **payload: Any) -> Any:
        return chat.ask(event, room=room, **payload)

    chat.ask("create", room=room)
    chat.ask("create", room=f"{room}-secret", kind="private")
    chat.say("from a private room", room=f"{room}-secret")
    files = {"file": ("plan.txt", b"a plan")}
    headers = {"Authorization": f"Bearer {chat.token}"}
    upload = requests.post(
        f"{chat.server.url}/api/v1/files", files=files, headers=headers, timeout=60
    )
    file = upload.json()["files"][0]["id"]
    chat.say("one", 'two "2" \\ ü 北京', "three", "deleted later", "erased later", room=room)
    do("message", text="with a file", files=[file])
    do("message", text="in a thread", thread=2, also_to_room=True)
    do("message", text="an answer", reply_to=3)
    do("edit", seq=2, text="two, edited")
    do("react", seq=2, emoji="👍", on=True)
    do("pin", seq=2, on=True)
    do("edit", seq=4, text="deleted later, edited")
    do("delete", seq=4)
    do("delete", seq=6)
    secret = {"question": "Who?", "options": ["A", "B"], "anonymous": True}
    hidden = {"question": "What?", "options": ["C", "D"], "hidden": True}
    for poll in (secret, hidden):
        seq = do("message", poll=poll)["message"]["seq"]
        do("vote", seq=seq, options=[1])
    do("close_poll", seq=seq)
    chat.ask("forward", room=f"{room}-secret", seqs=[1], to_room=room)
    chat.ask("forward", room=room, seqs=[3], to_room=room)
    with closing(Visitor(chat.server.url).sign_in()) as boss:
        boss.submit("/admin/erasures/message", room=room, seq=5, reason="law")


def checked_by_hand(chat: Chat, room: str) -> str:
    """What the program in docs/log-format.md says, which knows nothing of chatapp."""
    page, key = chat.copies / "page.json", chat.copies / "key.json"
    page.write_text(json.dumps(chat.get(f"/rooms/{room}/proofs")))
    key.write_text(json.dumps(chat.key()))
    _, program = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    command = [sys.executable, "-c", program, page, key, chat.copies / f"{room}.jsonl"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def test_every_kind_of_event_is_proven_and_nothing_more_is_told(chat: Chat) -> None:
    everything(chat, "all")
    chat.sign()

    assert "21 events stand in the signed log (6 of them only in part)" in chat.follow(room="all")

    told = json.dumps(chat.get("/rooms/all/proofs"))
    assert "from a private room" in told
    for secret in ("deleted later", "erased later", sha256(b"a plan").hexdigest(), "all-secret"):
        assert secret not in told
    secrets = [each.get("secret") for each in chat.get("/rooms/all/proofs")["proofs"]]
    assert [each.get("text") for each in secrets if each] == [None, '{"vote":[1]}', None]
    assert "21 events, in the log since" in checked_by_hand(chat, "all")
    copied = (chat.copies / "all.jsonl").read_bytes()
    assert "21 events stand in the signed log" in chat.follow("--verify", room="all")
    assert (chat.copies / "all.jsonl").read_bytes() == copied


def test_what_is_new_is_proven_once_it_is_signed_whichever_key_signs(chat: Chat) -> None:
    chat.ask("create", room="keys")
    chat.say("one", room="keys")
    chat.sign()
    assert "1 events stand" in chat.follow(room="keys")
    (first,) = chat.key()["keys"]

    chat.say("two", "three", room="keys")
    assert "2 events are in no checkpoint yet" in chat.follow(room="keys")
    rotated = chatapp(chat.server, "log", "rotate-key")
    chat.sign()

    key = chat.key()["key"]
    assert key["id"] in rotated
    assert chat.key()["keys"] == [first | {"until": key["since"]}, key]
    assert (key["until"], key["signed_by"]) == (None, first["id"])
    told = chat.follow(room="keys")
    assert f"a new key, {key['id']}" in told
    assert "2 events stand" in told
    assert "3 events stand" in chat.follow("--verify", room="keys")
    proof = chatapp(chat.server, "log", "prove", "keys", "1")
    assert "Proven: #keys 1" in chatapp(chat.server, "log", "check-proof", "-", input=proof)


def test_a_copy_that_follows_proves_what_has_come(chat: Chat) -> None:
    chat.ask("create", room="live")
    chat.say("one", room="live")
    chat.sign()
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if proven() == 2:
            raise Enough

    def proven() -> int:
        return sum("1 events stand in the signed log" in line for line in said)

    def follow() -> None:
        http = ChatHttp(chat.server.url, {"token": chat.token})
        with (
            closing(RoomCopy(chat.copies, chat.server.url, "live")) as copy,
            closing(KnownCheckpoints(chat.copies / "live.checkpoints")) as known,
            suppress(Enough),
        ):
            verifier = Verifier("live", copy, known, wait=time.sleep)
            Follower(
                http, "live", copy, verifier, say=say, wait=time.sleep, prove_seconds=0.0
            ).follow(once=False)

    following = Thread(target=follow)
    following.start()
    wait_until(lambda: proven() == 1)
    chat.say("two", room="live")
    wait_until(lambda: b'"two"' in (chat.copies / "live.jsonl").read_bytes())
    chat.sign()

    chat.say("three", room="live")

    following.join(60)
    assert not following.is_alive()
    assert proven() == 2


# A chat whose files somebody has changed


@pytest.fixture
def attacked(chat: Chat) -> Iterator[Callable[[Callable[[Path], object]], None]]:
    """Changes the data while the server is stopped; afterwards, all is as it was."""
    data, kept = chat.server.data, chat.copies.parent / "kept"
    shutil.rmtree(chat.copies, ignore_errors=True)

    def change(how: Callable[[Path], object]) -> None:
        chat.server.stop()
        shutil.copytree(data, kept)
        how(data)
        chat.server.start()

    yield change
    chat.server.stop()
    shutil.rmtree(data)
    kept.rename(data)
    chat.server.start()


def alter(data: Path, old: str, new: str) -> None:
    """Another text in the log, with all that follows from it: only the signatures are old."""
    previous, changed = GENESIS, 0
    for segment in sorted((data / "messages").glob("0*.jsonl")):
        lines = []
        for line in segment.read_bytes().splitlines(keepends=True):
            record = decode_record(line)
            text = new if record.text == old else record.text
            made, previous = encode_record(replace(record, text=text), place_of(line), previous)
            if record.erased is not None:  # its spaces stay
                covered = line.replace(record.hash.encode(), previous).rpartition(b',"crc":"')[0]
                made = b'%b,"crc":"%08x"}\n' % (covered, crc32(covered))
            lines.append(made)
            changed += text != record.text
        segment.write_bytes(b"".join(lines))
    assert changed
    manifest = manifest_of(Disk(), data / "messages")
    contents = [(data / "messages" / each.file).read_bytes() for each in manifest.segments]
    segments = [
        replace(each, sha256=sha256(content).hexdigest())
        for each, content in zip(manifest.segments, contents, strict=True)
    ]
    save_manifest(Disk(), data / "messages", replace(manifest, segments=segments))


def forget(data: Path, *tables: str) -> None:
    """All rows of these tables, as whoever has the machine can do."""
    with closing(Directory.open(data / "directory")) as directory:
        for name in tables:
            table = directory.table(name, Raw)
            table.write(*(table.change(key, None) for key, _ in table.items()))


def test_one_altered_byte_does_not_lead_to_what_was_signed(chat: Chat, attacked: Any) -> None:
    chat.ask("create", room="altered")
    chat.say("we owe 1000", "we owe 2000", room="altered")
    chat.sign()
    chat.follow(room="altered")

    attacked(lambda data: alter(data, "we owe 1000", "we owe 9000"))

    chat.say("later", room="altered")
    assert "1 events are in no checkpoint yet" in chat.follow(room="altered")
    told = chat.follow("--verify", code=6, room="altered")
    assert "WARNING: This copy has what the chat's log does not have." in told
    (chat.copies / "altered.jsonl").unlink()
    (chat.copies / "altered.state").unlink()
    assert "the log was changed after it was signed" in chat.follow(code=6, room="altered")


def test_a_log_that_was_signed_once_more_is_not_the_one_that_is_known(
    chat: Chat, attacked: Any
) -> None:
    chat.ask("create", room="resigned")
    chat.say("we owe 1000", "we owe 2000", room="resigned")
    chat.sign()
    chat.follow(room="resigned")

    def change(data: Path) -> None:
        alter(data, "we owe 1000", "we owe 9000")
        forget(data, "checkpoints", "checkpoint_trees")

    attacked(change)
    chat.sign()

    assert "no longer has its checkpoint of" in chat.follow(code=6, room="resigned")
    assert "no longer has its checkpoint of" in chat.follow("--verify", code=6, room="resigned")


def test_another_key_is_told_unless_the_one_before_has_signed_it(chat: Chat, attacked: Any) -> None:
    chat.ask("create", room="stolen")
    chat.say("we owe 1000", room="stolen")
    chat.sign()
    chat.follow(room="stolen")

    attacked(lambda data: forget(data, "checkpoints", "checkpoint_trees", "checkpoint_keys"))
    assert "another key" in chat.follow(code=6, room="stolen")
    chat.sign()

    assert "another key" in chat.follow(code=6, room="stolen")


def test_a_copy_begins_where_the_chat_begins(tmp_path: Path) -> None:
    chat = Chat(tmp_path, **{SECONDS: str(-3 * DAY_SECONDS)})
    try:
        chat.ask("create", room="retained")
        chat.say("one", "two", room="retained")
        chat.sign()
        chat.follow(room="retained")
        chat.server.stop()
        del chat.server.settings[SECONDS]
        chatapp(chat.server, "log", "retain", "--older-than", "1", "--yes")
        chat.server.start()
        chat.say("three", "four", room="retained")
        chat.sign()

        assert "2 events stand" in chat.follow(room="retained")
        assert "2 events are not there any more" in chat.follow("--verify", room="retained")
        lines = (chat.copies / "retained.jsonl").read_text().splitlines()
        assert [json.loads(line)["text"] for line in lines] == ["one", "two", "three", "four"]

        shutil.rmtree(chat.copies)
        told = chat.follow(room="retained")
        assert "this copy begins with event 3" in told
        assert "2 events stand" in told
        chat.say("five", room="retained")
        assert "3 events, complete" in chat.follow(room="retained")
        assert "2 events stand" in chat.follow("--verify", room="retained")
    finally:
        chat.server.close()
