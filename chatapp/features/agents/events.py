"""The tools of agents, as requests: `POST /api/v1/agent/<tool>`. No socket has them.

Each call is in the audit log before it is answered: who, which tool, and the messages that it
cites; a call that was refused, too.
"""

from collections.abc import Callable
from itertools import groupby
from typing import Any, TypeVar

from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.domain.notes import Note
from chatapp.domain.rates import RateLimiter
from chatapp.features.agents.drafts import DraftManager
from chatapp.features.agents.manager import AgentManager
from chatapp.features.handlers import EventHandler
from chatapp.protocol import agents as tools
from chatapp.protocol.agents import (
    AgentDraft,
    AgentDraftList,
    AgentDrafts,
    AgentRoomList,
    AgentRooms,
    CallAnswer,
    WrittenDraft,
)
from chatapp.protocol.events import ClientEvent
from chatapp.transport import Connection

P = TypeVar("P")
A = TypeVar("A", bound=CallAnswer)


class AgentCalls:
    """Calls of agents: at a pace, and each in the audit log."""

    def __init__(self, note: Note, pace: RateLimiter) -> None:
        self._note = note
        self._pace = pace

    def handler(
        self, tool: ClientEvent[P, A], handle: Callable[[Person, P], A | Future[A]]
    ) -> EventHandler[P, A]:
        def answer(connection: Connection, payload: P) -> Future[A]:
            agent = connection.person
            self._pace.check(agent.id)
            called = _tried(lambda: handle(agent, payload))
            outcome: Future[A] = Future()
            called.add_done_callback(
                lambda done: self._settle(connection, tool, payload, done, outcome)
            )
            return outcome

        return EventHandler(tool, answer)

    def _settle(
        self,
        caller: Connection,
        tool: ClientEvent[P, A],
        payload: P,
        done: Future[A],
        outcome: Future[A],
    ) -> None:
        """Settle the outcome, once the call is in the audit log."""
        if done.error is not None and not isinstance(done.error, ChatError):
            done.pass_on(outcome)
            return
        cited = [] if done.error else done.result().cites()
        noted = self._note(
            caller.person.name,
            "agent",
            address=caller.address,
            tool=tool.name,
            room=getattr(payload, "room", None),
            count=None if tool.scope == "draft" else len(cited),
            read=in_short(cited) or None,
            draft=_draft_of(done),
            refused=done.error.code if isinstance(done.error, ChatError) else None,
        )
        noted.chain(lambda _: done).pass_on(outcome)


def agent_handlers(
    calls: AgentCalls, manager: AgentManager, drafts: DraftManager
) -> list[EventHandler[Any, Any]]:
    """The handlers of all tools."""

    def rooms(agent: Person, _: AgentRooms) -> AgentRoomList:
        return manager.rooms(agent)

    def draft(agent: Person, payload: AgentDraft) -> Future[WrittenDraft]:
        return drafts.draft(agent, payload).then(lambda shown: WrittenDraft(draft=shown))

    def listed(agent: Person, _: AgentDrafts) -> AgentDraftList:
        return AgentDraftList(drafts=drafts.all_of(agent))

    return [
        calls.handler(tools.ROOMS, rooms),
        calls.handler(tools.READ, manager.read),
        calls.handler(tools.THREADS, manager.threads),
        calls.handler(tools.SEARCH, manager.search),
        calls.handler(tools.PEOPLE, manager.people),
        calls.handler(tools.FILE, manager.file),
        calls.handler(tools.DRAFT, draft),
        calls.handler(tools.DRAFTS, listed),
    ]


def in_short(cited: list[tuple[str, int]]) -> str:
    """`general/3-7 general/9 ops/2`."""
    spans: list[tuple[str, int, int]] = []
    for (room, _), group in groupby(
        enumerate(sorted(set(cited))), lambda one: (one[1][0], one[1][1] - one[0])
    ):
        seqs = [seq for _, (_, seq) in group]
        spans.append((room, seqs[0], seqs[-1]))
    return " ".join(
        f"{room}/{first}" if first == last else f"{room}/{first}-{last}"
        for room, first, last in spans
    )


def _draft_of(done: Future[Any]) -> str | None:
    answer = None if done.error else done.result()
    return answer.draft.id if isinstance(answer, WrittenDraft) else None


def _tried(step: Callable[[], A | Future[A]]) -> Future[A]:
    """What a step gives, or its error."""
    try:
        given = step()
    except ChatError as error:
        failed: Future[A] = Future()
        failed.fail(error)
        return failed
    return given if isinstance(given, Future) else Future.of(given)
