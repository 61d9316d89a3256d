"""The drafts of agents, in the table `agent_drafts`, by their ids.

    pending ── approved ── posted
       │          └─────── failed      the rules refused the message itself
       ├── refused
       └── expired

A row that is settled stays for a week, so that the agent can ask what became of its draft.
"""

from datetime import datetime, timedelta

import msgspec

from chatapp.domain.clock import timestamp
from chatapp.domain.future import Future
from chatapp.protocol.agents import DraftState, ShownDraft
from chatapp.protocol.requests import Post, React
from chatapp.tables.table import TableStore

TABLE = "agent_drafts"
EXPIRES_AFTER = timedelta(days=1)
KEPT_AFTER = timedelta(days=7)


class AgentDraftRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A draft of the bot with the id `by`, for `room`: a text, or an emoji for a message.

    `shown_in` is the conversation of the bot and its owner, and `shown` the seq of the message
    there; 0 until it is written. Answers up to the seq `answered_to` count no more. `approver` is
    the id of who approved it, `who` the name of who approved or refused it, and `seq` what became
    of it: the message, or the one with the reaction.
    """

    by: str
    room: str
    at: str
    expires_at: str
    shown_in: str
    shown: int = 0
    state: DraftState = "pending"
    text: str | None = None
    reply_to: int | None = None
    thread: int | None = None
    emoji: str | None = None
    react_to: int | None = None
    answered_to: int = 0
    approver: str | None = None
    who: str | None = None
    seq: int | None = None
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        return self.state in ("pending", "approved")

    @property
    def next_at(self) -> str:
        """When something has to be done about it: it expires, or is forgotten."""
        if self.is_open:
            return self.expires_at
        return timestamp(datetime.fromisoformat(self.expires_at) + KEPT_AFTER)

    def post(self, id: str) -> Post:
        """The message; its cid makes it one message, however often it is posted."""
        return Post(
            text=self.text or "",
            room=self.room,
            cid=cid_of(id),
            reply_to=self.reply_to,
            thread=self.thread,
        )

    def reaction(self) -> React:
        return React(room=self.room, seq=self.react_to or 0, emoji=self.emoji or "", on=True)

    def told(self, id: str) -> ShownDraft:
        return ShownDraft(
            id=id,
            room=self.room,
            state=self.state,
            expires_at=self.expires_at,
            text=self.text,
            reply_to=self.reply_to,
            thread=self.thread,
            emoji=self.emoji,
            react_to=self.react_to,
            by=self.who,
            seq=self.seq,
            reason=self.reason,
        )


def cid_of(id: str) -> str:
    return f"draft:{id}"


def expiry(now: datetime) -> str:
    return timestamp(now + EXPIRES_AFTER)


class AgentDraftRows:
    """The rows by the ids of drafts, and those that wait by the message that shows them."""

    def __init__(self, store: TableStore) -> None:
        self.table = store.table(TABLE, AgentDraftRow)
        self._at: dict[tuple[str, int], str] = {}
        for id, row in self.table.items():
            self._note(id, None, row)
        self.table.on_change(self._note)

    def shown_at(self, room: str, seq: int) -> str | None:
        """The id of the open draft that this message shows."""
        return self._at.get((room, seq))

    def of(self, agent: str) -> dict[str, AgentDraftRow]:
        """Those of a bot, newest first."""
        own = [(id, row) for id, row in self.table.items() if row.by == agent]
        return dict(sorted(own, key=lambda item: (item[1].at, item[0]), reverse=True))

    def change(self, id: str, old: AgentDraftRow | None, new: AgentDraftRow | None) -> Future[None]:
        """Resolved when it is durable. Raises `Conflict`, at once or by the future, if the row is
        not `old` any more."""
        return self.table.write(self.table.change(id, new, expected=old))

    def forget(self, agent: str) -> None:
        for id in self.of(agent):
            self.table.delete(id)

    def _note(self, id: str, old: AgentDraftRow | None, new: AgentDraftRow | None) -> None:
        if old:
            self._at.pop((old.shown_in, old.shown), None)
        if new and new.is_open and new.shown:
            self._at[new.shown_in, new.shown] = id
