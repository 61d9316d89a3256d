"""Polls and their votes go out, come in again, and are erased with everything else."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from chatapp.domain.model import Draft, Poll, Votes
from chatapp.domain.polls import BALLOT, closed, text_of
from chatapp.index.polls.lookup import PollLookup
from chatapp.log.disk import Disk
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.upkeep.erase import ErasureSelector, erase
from tests.support.reports import counted

from .conftest import Clock, problems
from .test_importing import call, imported

LUNCH = Poll(question="Lunch?", options=["Pizza", "Salad"])
SECRET = Poll(question="Who?", options=["A", "B"], anonymous=True, hidden=True)


def vote(log: MessageLog, target: int, who: str, *options: int) -> None:
    sender, by = ("", f"vote:{who}") if target == 2 else (who, f"id of {who}")
    log.append(
        Draft(
            room="general",
            sender=sender,
            by=by,
            type="react",
            target=target,
            emoji=BALLOT,
            on=bool(options),
            vote=list(options),
        )
    )


@pytest.fixture
def talk(tmp_path: Path, clock: Clock) -> Path:
    """A poll that is closed, and an anonymous and hidden one that is not."""
    folder = tmp_path / "talk"
    DataFolder.open(folder).close()
    log = MessageLog.open(folder / "messages", clock=clock)
    for poll in (LUNCH, SECRET):
        log.append(Draft("general", "ana", by="a", text=text_of(poll), poll=poll))
    for target, who, options in ((1, "bo", [1]), (2, "bo", [0]), (1, "cy", [0]), (1, "bo", [0])):
        clock.advance(seconds=1)
        vote(log, target, who, *options)
    message = log.message("general", 1)
    assert message is not None
    assert message.poll is not None
    over = closed(message.poll, log.count_votes(message), clock(), by="ada")
    log.append(
        Draft("general", "ana", by="a", type="edit", target=1, text=text_of(over), poll=over)
    )
    log.close()
    return folder


def polls(folder: Path) -> list[Poll | None]:
    log = MessageLog.open(folder / "messages")
    found = [message.poll for message in log.history("general").messages]
    log.close()
    return found


def test_polls_are_the_same_after_an_import_and_another_one_changes_nothing(
    talk: Path, tmp_path: Path
):
    other, rows = tmp_path / "other", tmp_path / "rows.jsonl"
    DataFolder.open(other).close()
    rows.write_text(call("export", "--data", talk))

    first = counted(call("import", rows, "--data", other, "--json"))
    again = counted(call("import", rows, "--data", other, "--json"))

    assert (first["imported"], first["bad"]) == (7, 0)
    assert (again["imported"], again["duplicates"]) == (0, 7)
    lunch, secret = polls(other)
    assert lunch
    assert lunch.votes == Votes(voters=2, counts=[2, 0], names=[["cy", "bo"], []])
    assert (lunch.closed_by, secret and secret.votes) == ("ada", Votes(voters=1))
    assert polls(talk) == [lunch, secret]
    assert problems(other / "messages") == []


@pytest.mark.parametrize(
    "bad",
    [
        {"options": ["one"]},
        {"question": " "},
        {"closed_at": "soon"},
        {"closed_at": "2026-12-01T00:00:00Z", "votes": {"voters": 1, "counts": [1, 2, 3]}},
        {"closed_at": "2026-12-01T00:00:00Z", "votes": {"voters": -1, "counts": [1, 2]}},
    ],
)
def test_a_poll_that_no_chat_has_written_is_left_out(talk: Path, bad: dict[str, object]):
    poll = {"question": "?", "options": ["a", "b"], **bad}
    row = {"room": "tea", "seq": 1, "sender": "ana", "at": "2026-11-30T09:00:00Z", "text": "?"}

    assert imported(talk, [{**row, "type": "message", "poll": poll}], code=1)["bad"] == 1


def test_a_vote_for_what_there_cannot_be_is_left_out(talk: Path):
    row = {"room": "general", "seq": 1, "sender": "ana", "at": "2026-11-30T09:00:00Z"}
    asked = {
        **row,
        "type": "message",
        "text": "?",
        "poll": {"question": "?", "options": ["a", "b"]},
    }
    for options, bad in (([10], 1), ([-1], 1), ([1], 0)):
        given = {**row, "seq": 2, "type": "react", "target": 1, "emoji": BALLOT, "vote": options}
        told = imported(talk, [asked | {"cid": str(options)}, given], code=bad)
        assert told["bad"] == bad


def test_exports_for_people_show_results_and_nothing_that_is_hidden(talk: Path):
    table = list(csv.DictReader(io.StringIO(call("export", "--data", talk, "--format", "csv"))))
    assert [row["poll"] for row in table] == ["Pizza: 2\nSalad: 0", "A\nB"]
    assert "Pizza — 2 votes" in call("export", "--data", talk, "--format", "markdown")
    page = call("export", "--data", talk, "--format", "html")
    for said in ("Lunch?", "Pizza", "Who?", "2 people voted", "The votes are hidden"):
        assert said in page
    assert "vote:" not in page


def test_erasing_what_somebody_wrote_erases_the_words_of_their_polls(talk: Path):
    erase(Disk(), talk / "messages", ErasureSelector(sender="ana"), when="2026-12-01T00:00:00.000Z")

    written = b"".join(path.read_bytes() for path in (talk / "messages").glob("*.jsonl"))
    assert b"Pizza" not in written
    assert polls(talk) == [None, None]
    assert problems(talk / "messages") == []


def test_votes_that_the_index_takes_in_while_they_are_counted_count_once(
    talk: Path, monkeypatch: pytest.MonkeyPatch
):
    log = MessageLog.open(talk / "messages")
    log.append(Draft("general", "ana", by="a", text="?", poll=LUNCH))
    asked = log.head("general")
    for who in ("bo", "cy", "dee"):
        vote(log, asked, who, 1)
    choices = PollLookup.choices

    def and_meanwhile(lookup: PollLookup, *wanted: Any) -> Any:
        log.search("so that the index has it").result()
        return choices(lookup, *wanted)

    monkeypatch.setattr(PollLookup, "choices", and_meanwhile)
    message = log.message("general", asked)
    assert message is not None
    assert message.poll is not None
    assert message.poll.votes == Votes(voters=3, counts=[0, 3], names=[[], ["bo", "cy", "dee"]])
    vote(log, asked, "eve", 0)
    assert log.count_votes(message).counts == [1, 3]
    log.close()


def test_newer_votes_come_in_the_place_of_those_in_the_index(talk: Path):
    log = MessageLog.open(talk / "messages")
    log.append(Draft("general", "ana", by="a", text="?", poll=LUNCH))
    asked = log.head("general")

    def votes_after(who: str, option: int) -> Votes | None:
        vote(log, asked, who, option)
        message = log.message("general", asked)
        return message.poll.votes if message and message.poll else None

    assert votes_after("bo", 0) == Votes(voters=1, counts=[1, 0], names=[["bo"], []])
    for who, expected in (
        ("bo", Votes(voters=1, counts=[0, 1], names=[[], ["bo"]])),
        ("cy", Votes(voters=2, counts=[0, 2], names=[[], ["bo", "cy"]])),
        ("bo", Votes(voters=2, counts=[0, 2], names=[[], ["cy", "bo"]])),
    ):
        log.search("so that the index has all before").result()
        assert votes_after(who, 1) == expected
    log.close()
