"""Drafts at a real server: shown to the owner, approved or refused once, and on record."""

import threading

import pytest

from chatapp.client import AgentClient, ChatClient
from chatapp.domain.errors import BadPayload, NotAllowed, TooLong
from chatapp.features.agents.drafts import MAX_PENDING
from tests.features.agents.conftest import AgentHouse, settled, shown
from tests.support.cast import chatapp
from tests.support.server import Server
from tests.support.waiting import wait_until


def texts(person: ChatClient, room: str) -> list[str]:
    return [message.text for message in person.history(room, limit=100).messages]


def test_a_draft_is_seen_by_its_owner_only_until_it_is_approved(chat: AgentHouse) -> None:
    question = chat.ana.send("ci", "who is on call?").seq
    agent = chat.agent("--drafts")

    draft = agent.draft("ci", "You are.", reply_to=question)
    room, seq, told = shown(chat.ana, draft)

    assert "You are." not in texts(chat.ben, "ci")
    assert "You are." in told
    assert f"a reply to message {question} in #ci" in told
    with pytest.raises(AssertionError):
        shown(chat.ben, draft)
    chat.ana.react(room, seq, "✅")
    posted = settled(agent, draft)
    assert (posted.state, posted.by) == ("posted", "Ana")
    (message,) = chat.ben.history("ci", around=posted.seq, limit=1).messages
    assert (message.text, message.reply_to) == ("You are.", question)
    assert message.via is not None
    assert message.via.approved_by == "Ana"
    wait_until(lambda: "✅ Approved by Ana: message" in shown(chat.ana, draft)[2])
    record = chat.audited("draft")[-1]
    expected = {"state": "posted", "room": "ci", "seq": posted.seq, "draft": draft.id}
    assert record.items() >= expected.items()


def test_what_is_refused_is_never_posted(chat: AgentHouse) -> None:
    agent = chat.agent("--drafts")
    draft = agent.draft("ci", "buy this")
    room, seq, _ = shown(chat.ana, draft)

    chat.ana.react(room, seq, "❌")
    refused = settled(agent, draft)
    chat.ana.react(room, seq, "✅")
    other = agent.draft("ci", "and this")
    chat.ana.react(*shown(chat.ana, other)[:2], "✅")

    assert (refused.state, refused.by) == ("refused", "Ana")
    assert settled(agent, other).state == "posted"  # So the late ✅ was heard, too.
    assert "buy this" not in texts(chat.ana, "ci")
    wait_until(lambda: "❌ Refused by Ana." in shown(chat.ana, draft)[2])


def test_reactions_and_answers_in_threads_are_drafts_too(chat: AgentHouse) -> None:
    root = chat.ana.send("ci", "lunch?").seq
    agent = chat.agent("--drafts")

    answer = agent.draft("ci", "soup", thread=root)
    reaction = agent.draft_reaction("ci", root, "🍲")
    for draft in (answer, reaction):
        room, seq, _ = shown(chat.ana, draft)
        chat.ana.react(room, seq, "✅")
        assert settled(agent, draft).state == "posted"

    (posted,) = chat.ana.history("ci", thread=root).messages
    (message,) = chat.ana.history("ci", around=root, limit=1).messages
    assert posted.text == "soup"
    assert list(message.reactions or {}) == ["🍲"]


def test_who_may_not_post_there_cannot_approve(chat: AgentHouse) -> None:
    """They can, when they may: an answer counts for the moment in which it was given."""
    agent = chat.agent("--drafts", rooms=("lounge",), owner="Ben")
    draft = agent.draft("lounge", "hello from Ben's agent")
    room, seq, _ = shown(chat.ben, draft)

    chat.ben.react(room, seq, "✅")
    wait_until(lambda: "Not approved yet: Join 'lounge' first." in shown(chat.ben, draft)[2])
    chat.ben.join("lounge")

    assert agent.drafts()[0].state == "pending"
    chat.ben.react(room, seq, "✅", on=False)
    chat.ben.react(room, seq, "✅")
    assert settled(agent, draft).state == "posted"


def test_what_the_rules_refuse_is_told(chat: AgentHouse) -> None:
    chat.ana.create("old")
    agent = chat.agent("--drafts", rooms=("old",))
    draft = agent.draft("old", "too late")
    room, seq, _ = shown(chat.ana, draft)
    chat.ana.update("old", archived=True)

    chat.ana.react(room, seq, "✅")
    wait_until(lambda: "Not approved yet" in shown(chat.ana, draft)[2])
    chat.ana.update("old", archived=False)
    chat.ana.update("old", read_only=True)
    chat.ana.react(room, seq, "✅", on=False)
    chat.ana.react(room, seq, "✅")  # Ana may post there, and her bot may not.

    failed = settled(agent, draft)
    assert failed.state == "failed"
    assert "Only admins" in (failed.reason or "")
    assert "too late" not in texts(chat.ana, "old")


def test_two_answers_at_once_decide_once(chat: AgentHouse) -> None:
    """From two devices of the owner, of which one approves and one refuses."""
    agent = chat.agent("--drafts")
    token = chatapp(chat.server, "token", "create", "Ana", "a second device")
    with ChatClient(chat.server.url, token=token) as second:
        for number in range(5):
            text = f"at once {number}"
            draft = agent.draft("ci", text)
            room, seq, _ = shown(chat.ana, draft)
            answers = [
                threading.Thread(target=chat.ana.react, args=(room, seq, "✅")),
                threading.Thread(target=second.react, args=(room, seq, "❌")),
                threading.Thread(target=second.react, args=(room, seq, "✅")),
            ]
            for answer in answers:
                answer.start()
            for answer in answers:
                answer.join()
            state = settled(agent, draft).state
            assert texts(chat.ana, "ci").count(text) == (1 if state == "posted" else 0)


def test_drafts_are_bounded(chat: AgentHouse) -> None:
    agent = chat.agent("--drafts")
    seq = chat.ana.send("ci", "a message").seq

    with pytest.raises(TooLong):
        agent.draft("ci", "x" * 16_000)
    with pytest.raises(BadPayload):
        agent.draft_reaction("ci", 99_999, "👍")
    with pytest.raises(BadPayload):
        agent.draft_reaction("ci", seq, "not an emoji")
    for number in range(MAX_PENDING):
        agent.draft("ci", f"draft {number}")
    with pytest.raises(NotAllowed, match="wait for a person"):
        agent.draft("ci", "one too many")


def test_a_kill_in_the_middle_of_an_approval_posts_it_once(new_server) -> None:
    """Wherever the server dies between the answer and the end, the next start does the rest."""
    server: Server = new_server().start()
    chat = AgentHouse(server)
    agent = chat.agent("--drafts")
    drafts = []
    for number in range(6):
        draft = agent.draft("ci", f"posted once {number}")
        drafts.append((draft, *shown(chat.ana, draft)[:2]))

    for draft, room, seq in drafts:
        chat.ana.react(room, seq, "✅")
        server.kill9()
        server.start()
        wait_until(lambda: chat.ana.is_connected, what="Ana's connection")
        assert settled(agent, draft).state == "posted"

    posted = [text for text in texts(chat.ana, "ci") if text.startswith("posted once")]
    assert posted == [f"posted once {number}" for number in range(6)]
    chat.close()


def test_a_bot_that_is_removed_takes_its_drafts_along(chat: AgentHouse) -> None:
    agent = chat.agent("--drafts")
    draft = agent.draft("ci", "an orphan")
    room, seq, _ = shown(chat.ana, draft)
    name = agent_name(chat, agent)

    chatapp(chat.server, "bot", "remove", name, "--yes")
    chat.ana.react(room, seq, "✅")
    other = chat.agent("--drafts")
    last = other.draft("ci", "of another one")
    chat.ana.react(*shown(chat.ana, last)[:2], "✅")

    assert settled(other, last).state == "posted"
    assert "an orphan" not in texts(chat.ana, "ci")


def agent_name(chat: AgentHouse, agent: AgentClient) -> str:
    """The newest agent's."""
    names = [line.split()[0] for line in chatapp(chat.server, "bot", "list").splitlines()[1:]]
    return max(names, key=lambda name: int(name.rpartition("-")[2]))
