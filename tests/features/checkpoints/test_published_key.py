"""What the console and `/.well-known/chatapp-log-key` show of checkpoints."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatapp.domain.transparency.checkpoints import SignedCheckpoint, key_id
from chatapp.domain.transparency.signatures import check_signature, public_of
from chatapp.log.signed_checkpoint import Signing
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.checkpoints import sign_checkpoints
from chatapp.upkeep.processes import ProcessFailed
from chatapp.upkeep.signing import NewCheckpoints
from tests.support.accounts import PASSWORD, Notes, make_accounts
from tests.support.pages import Browser, make_app, make_care
from tests.support.records import say

ADDRESS = "/.well-known/chatapp-log-key"


class Chat:
    def __init__(self, folder: Path) -> None:
        self.log = MessageLog.open(folder / "messages")
        self.audit = MessageLog.open(folder / "audit", index=folder / "audit.sqlite3")
        self.notes = Notes()
        self.failure: str | None = None
        accounts = make_accounts()
        accounts.create("Boss", PASSWORD, "owner")
        app = make_app(
            accounts,
            self.log,
            self.audit,
            data=folder,
            maintenance=make_care(notes=self.notes, sign=self._sign),
        )
        self.nobody, self.boss = Browser(app), Browser(app).sign_in("Boss")

    def _sign(self, asked: Signing) -> NewCheckpoints:
        if self.failure:
            raise ProcessFailed(self.failure)
        return NewCheckpoints(sign_checkpoints(self.log.folder, asked), public_of(asked.seed))


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    chat = Chat(tmp_path)
    yield chat
    chat.log.close()
    chat.audit.close()


def test_before_the_first_checkpoint_there_is_no_key(chat: Chat) -> None:
    answer = chat.nobody.get(ADDRESS)

    assert (answer.status_code, answer.json) == (200, {"key": None, "checkpoint": None, "keys": []})
    assert "No checkpoint has been signed yet." in chat.boss.get("/admin/overview").text


def test_an_admin_signs_and_everybody_can_check(chat: Chat) -> None:
    say(chat.log, "one")

    chat.boss.submit("/admin/overview/checkpoint")

    told = chat.nobody.get(ADDRESS)
    key = told.json["key"]
    assert key == {
        "id": key_id(key["public_key"]),
        "algorithm": "Ed25519",
        "public_key": public_of("11" * 32),
        "since": told.json["checkpoint"]["at"],
        "until": None,
        "signed_by": "",
        "signature": "",
    }
    assert told.json["keys"] == [key]
    check_signature(SignedCheckpoint(**told.json["checkpoint"]), key["public_key"])
    assert "11" * 32 not in told.text
    again = chat.nobody.get(ADDRESS, headers={"If-None-Match": told.headers["ETag"]})
    assert again.status_code == 304
    overview = chat.boss.get("/admin/overview").text
    assert key["id"] in overview
    assert "up to record 1" in overview
    assert chat.notes == [("Boss", "checkpoint")]


def test_what_stands_against_it_is_said(chat: Chat) -> None:
    say(chat.log, "one")
    chat.failure = "messages/ differs from record 1"

    answer = chat.boss.submit("/admin/overview/checkpoint")

    assert answer.status_code == 503
    assert "differs from record 1" in answer.text
    assert chat.nobody.get(ADDRESS).json["checkpoint"] is None
