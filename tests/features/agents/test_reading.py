"""What agents read: bounded, cited by room and seq, in the rooms of their list, and on record."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatapp.domain.clock import timestamp
from chatapp.domain.errors import BadPayload, NoSuchRoom, NotFound, Unsupported
from chatapp.protocol.agents import FILE_BYTES, SHOWN_CHARACTERS
from tests.features.agents.conftest import AgentHouse
from tests.support.files import picture
from tests.support.waiting import wait_until


def test_it_lists_the_rooms_of_its_list_and_no_topic_of_a_private_one(chat: AgentHouse) -> None:
    chat.ana.update("cellar", topic="the plan")
    chat.ana.update("ci", topic="builds")
    agent = chat.agent(rooms=("ci", "cellar"))

    listed = agent.rooms()

    assert {room.name: room.topic for room in listed.rooms} == {"ci": "builds", "cellar": ""}
    assert not listed.may_draft


def test_rooms_that_are_not_in_its_list_are_not_there(chat: AgentHouse) -> None:
    chat.ana.send("lounge", "the cake is in the oven")
    agent, other = chat.agent(rooms=("ci",)), chat.agent("--drafts")

    for room in ("lounge", "attic", "missing"):
        for call in (agent.read, agent.threads, agent.people):
            with pytest.raises(NoSuchRoom):
                call(room)
        with pytest.raises(NoSuchRoom):
            agent.search("cake", room=room)
        with pytest.raises(NoSuchRoom):
            agent.room_as_of(room, datetime.now(UTC))
        with pytest.raises(NoSuchRoom):
            agent.file(room, 1, "f")
    assert agent.search("cake").messages == []
    assert agent.search("cake in:lounge").messages == []
    draft = other.draft("ci", "a draft with the word cake")
    assert other.search("cake").messages == []  # It stands in a conversation of its owner.
    assert draft.state == "pending"


def test_a_private_room_is_gone_when_its_owner_leaves_it(chat: AgentHouse) -> None:
    chat.ana.create("shed", kind="private")
    chat.ana.invite("shed", "Ben")
    agent = chat.agent(rooms=("shed",), owner="Ben")
    assert agent.read("shed").messages

    chat.ana.remove("shed", "Ben")

    with pytest.raises(NoSuchRoom):
        agent.read("shed")
    assert agent.rooms().rooms == []


def test_messages_come_in_pages_and_long_texts_are_cut(chat: AgentHouse) -> None:
    long = "x" * (SHOWN_CHARACTERS + 1)
    seqs = [chat.ana.send("ci", f"build {number}").seq for number in range(5)]
    root = chat.ana.send("ci", long).seq
    answer = chat.ana.send("ci", "in the thread", thread=root).seq
    agent = chat.agent()

    newest = agent.read("ci", limit=2)
    before = agent.read("ci", before=root, limit=3)
    after = agent.read("ci", after=seqs[0], limit=2)
    (whole,) = agent.read("ci", around=root, limit=1).messages
    (thread,) = [one for one in agent.threads("ci").threads if one.seq == root]

    assert [(one.seq, one.is_cut) for one in newest.messages] == [(root, True), (answer, False)]
    assert newest.more.before
    assert [one.text for one in before.messages] == ["build 2", "build 3", "build 4"]
    assert [one.seq for one in after.messages] == seqs[1:3]
    assert (whole.text, whole.is_cut) == (long, False)
    assert thread.replies == 1
    assert [one.seq for one in agent.read("ci", thread=root).messages] == [answer]
    with pytest.raises(BadPayload):
        agent.read("ci", limit=51)


def test_a_room_as_it_was_has_the_words_of_then_and_nothing_deleted(chat: AgentHouse) -> None:
    chat.ana.create("diary")
    kept, gone = (chat.ana.send("diary", text) for text in ("first words", "a secret"))
    moment = datetime.fromisoformat(gone.at)
    wait_until(lambda: timestamp(datetime.now(UTC)) > gone.at, what="the next millisecond")
    chat.ana.edit("diary", kept.seq, "second words")
    chat.ana.delete("diary", gone.seq)
    chat.ana.send("diary", "later")
    agent = chat.agent(rooms=("diary",))

    past = agent.room_as_of("diary", moment)

    texts = [(one.text, one.is_deleted) for one in past.messages if not one.is_system]
    assert texts == [("first words", False), ("", True)]
    assert "second words" in [one.text for one in agent.read("diary").messages]
    with pytest.raises(BadPayload):
        agent.read("diary", before=2, after=1)


def test_the_text_of_a_file_comes_in_parts_and_other_files_not(
    chat: AgentHouse, tmp_path: Path
) -> None:
    text = "ñandú\n" * FILE_BYTES
    (tmp_path / "log.txt").write_text(text)
    (tmp_path / "photo.png").write_bytes(picture())
    sent = chat.ana.send("ci", "", files=[tmp_path / "log.txt", tmp_path / "photo.png"])
    agent = chat.agent()
    (message,) = agent.read("ci", around=sent.seq, limit=1).messages
    log, photo = message.files

    part, parts = agent.file("ci", sent.seq, log.id), []
    parts.append(part.text)
    while part.next is not None:
        part = agent.file("ci", sent.seq, log.id, offset=part.next)
        parts.append(part.text)

    assert (log.has_text, photo.has_text) == (True, False)
    assert max(len(each.encode()) for each in parts) <= FILE_BYTES
    assert "".join(parts) == text
    with pytest.raises(Unsupported):
        agent.file("ci", sent.seq, photo.id)
    chat.ana.delete("ci", sent.seq)
    with pytest.raises(NotFound):
        agent.file("ci", sent.seq, log.id)


def test_it_sees_who_is_there(chat: AgentHouse) -> None:
    names = [person.name for person in chat.agent().people("cellar").people]

    assert names == ["Ana", "Ben"]


def test_every_call_is_in_the_audit_log(chat: AgentHouse) -> None:
    chat.ana.create("notes")
    seqs = [chat.ana.send("notes", f"note {number}").seq for number in range(3)]
    agent = chat.agent(rooms=("notes",))
    before = len(chat.audited("agent"))

    agent.read("notes", after=seqs[0] - 1)
    agent.search("note", limit=1)
    with pytest.raises(NoSuchRoom):
        agent.read("attic")

    read, searched, refused = chat.audited("agent")[before:]
    cited = {"read": f"notes/{seqs[0]}-{seqs[2]}", "count": 3, "room": "notes", "tool": "read"}
    assert read.items() >= cited.items()
    assert searched.items() >= {"tool": "search", "read": f"notes/{seqs[2]}", "count": 1}.items()
    assert refused.items() >= {"tool": "read", "room": "attic", "refused": "no_such_room"}.items()
