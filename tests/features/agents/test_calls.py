"""Calls of agents: each is in the audit log before it is answered, and they have a pace."""

import pytest

from chatapp.domain.errors import NoSuchRoom, RateLimited
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.domain.rates import Rate, RateLimiter
from chatapp.features.agents.events import AgentCalls, in_short
from chatapp.features.api.caller import Caller
from chatapp.protocol import agents as tools
from chatapp.protocol.agents import AgentRead, AgentRoomList, AgentRooms

AGENT = Caller(Person(name="scout", id="s", role="bot", scopes=("agent",)), "192.0.2.1")
NOTHING = AgentRoomList(rooms=[], may_draft=False)
PACE = Rate(burst=2, per_second=0.001)


class SlowNotes(list[dict[str, object]]):
    """An audit log whose disk is slow: `written` is done when the test says so."""

    written: Future[None]

    def __call__(self, actor: str, action: str, **details: str | int | None) -> Future[None]:
        self.append({"actor": actor, "action": action, **details})
        self.written = Future()
        return self.written


def test_a_call_is_answered_when_it_is_in_the_audit_log() -> None:
    notes = SlowNotes()
    handler = AgentCalls(notes, RateLimiter(None, "calls")).handler(
        tools.ROOMS, lambda _agent, _payload: NOTHING
    )

    answer = handler.answer(AGENT, AgentRooms)
    assert isinstance(answer, Future)
    assert not answer.done
    notes.written.resolve(None)

    assert answer.result() is NOTHING
    (noted,) = notes
    assert (noted["actor"], noted["tool"]) == ("scout", "rooms")
    assert noted["address"] == "192.0.2.1"


def test_a_refusal_is_noted_and_nothing_is_told_if_the_log_fails() -> None:
    notes = SlowNotes()

    def refuse(_agent: Person, _payload: AgentRead) -> Future[tools.AgentMessages]:
        raise NoSuchRoom("There is no room called 'attic'.")

    handler = AgentCalls(notes, RateLimiter(None, "calls")).handler(tools.READ, refuse)

    refused = handler.answer(AGENT, lambda: AgentRead(room="attic"))
    notes.written.resolve(None)
    lost = handler.answer(AGENT, lambda: AgentRead(room="attic"))
    notes.written.fail(OSError("no disk"))

    assert isinstance(refused, Future)
    assert isinstance(lost, Future)
    assert isinstance(refused.error, NoSuchRoom)
    assert isinstance(lost.error, OSError)
    assert (notes[0]["refused"], notes[0]["room"]) == ("no_such_room", "attic")


def test_calls_have_a_pace() -> None:
    handler = AgentCalls(SlowNotes(), RateLimiter(PACE, "calls")).handler(
        tools.ROOMS, lambda _agent, _payload: NOTHING
    )

    for _ in range(2):
        handler.answer(AGENT, AgentRooms)
    with pytest.raises(RateLimited):
        handler.answer(AGENT, AgentRooms)


def test_what_is_cited_is_said_in_short() -> None:
    cited = [("b", 2), ("a", 9), ("a", 3), ("a", 4), ("a", 5), ("a", 5)]

    assert in_short(cited) == "a/3-5 a/9 b/2"
