"""The tools of agents: `POST /api/v1/agent/<tool>`, each with a payload and an answer.

They are apart from the events of people, because nothing else is open to the token of an agent: it
hears nothing, and what it reads is bounded, kept in the audit log, and cited by room and seq.
docs/mcp.md is for those who run one.
"""

from typing import Annotated, Any, Final, Literal

import msgspec

from chatapp.domain.limits import (
    MAX_EMOJI_CHARACTERS,
    MAX_FILE_ID_CHARACTERS,
    MAX_INTEGER,
    MAX_QUERY_CHARACTERS,
)
from chatapp.domain.model import Role, RoomKind
from chatapp.domain.structs import prepare
from chatapp.protocol.answers import Answer, MoreMessages
from chatapp.protocol.events import ClientEvent
from chatapp.protocol.requests import Payload
from chatapp.protocol.values import After, Moment, Seq, State

AGENT_ROOT = "/api/v1/agent/"

MAX_READ = 50
"""Messages in one answer."""
SHOWN_CHARACTERS = 2_000
"""Of each text in a page; a message that is asked for alone is whole."""
FILE_BYTES = 32 * 1024
"""Of a file's text in one answer."""

ReadLimit = Annotated[int, msgspec.Meta(ge=1, le=MAX_READ)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
DraftState = Literal["pending", "approved", "posted", "refused", "expired", "failed"]


# What is asked


class AgentRooms(Payload, frozen=True):
    """The payload of `rooms`: which rooms the agent may read."""


class AgentRead(Payload, frozen=True):
    """The payload of `read`: messages of a room, or of a thread of it, before, after or around a
    seq, or the newest. With `as_of`, the room as it was at that moment; its earlier pages are those
    `older` than the number that the page before gave."""

    room: str
    before: Seq | None = None
    after: After | None = None
    around: Seq | None = None
    thread: Seq | None = None
    as_of: Moment | None = None
    older: Seq | None = None
    limit: ReadLimit | None = None


class AgentThreads(Payload, frozen=True):
    """The payload of `threads`: the threads of a room, newest first; `before` the seq of a reply,
    those that had their last reply before it."""

    room: str
    before: Seq | None = None
    limit: ReadLimit | None = None


class AgentSearch(Payload, frozen=True):
    """The payload of `search`: messages that match a query, in a room or in all of the agent's."""

    query: Annotated[str, msgspec.Meta(max_length=MAX_QUERY_CHARACTERS)]
    room: str | None = None
    before: Seq | None = None
    limit: ReadLimit | None = None


class AgentPeople(Payload, frozen=True):
    """The payload of `people`: who is in a room now, after the name `after`."""

    room: str
    after: str | None = None


class AgentFile(Payload, frozen=True):
    """The payload of `file`: the text of a file of a message, from a byte on."""

    room: str
    seq: Seq
    file: Annotated[str, msgspec.Meta(max_length=MAX_FILE_ID_CHARACTERS)]
    offset: Offset = 0


class AgentDraft(Payload, frozen=True):
    """The payload of `draft`: a message, a reply or a reaction that a person is to approve. Give a
    `text`, with `reply_to` or `thread` if it answers a message; or an `emoji` for the message
    `react_to`."""

    room: str
    text: str | None = None
    reply_to: Seq | None = None
    thread: Seq | None = None
    emoji: Annotated[str, msgspec.Meta(max_length=MAX_EMOJI_CHARACTERS)] | None = None
    react_to: Seq | None = None


class AgentDrafts(Payload, frozen=True):
    """The payload of `drafts`: what became of the agent's drafts of the last week."""


# What is answered


class CitedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message; `has_text`: whether `file` can read it."""

    id: str
    name: str
    type: str
    bytes: int
    has_text: bool


class CitedMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, by its room and seq. `text` is what a person or a program has written, cut if it
    `is_cut`; that of a deleted or erased message is empty. `replies` is how many its thread has."""

    room: str
    seq: int
    at: str
    sender: str
    text: str
    is_cut: bool = False
    is_system: bool = False
    is_deleted: bool = False
    edited_at: str | None = None
    reply_to: int | None = None
    thread: int | None = None
    replies: int = 0
    reactions: dict[str, list[str]] = {}
    files: list[CitedFile] = []


class AgentRoom(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room that the agent may read. `head` is the seq of its last event. The topic of a private
    room is left out: people wrote it for those who are there. `is_read`: the agent has read this
    private room within the last day, so it can write drafts for this room only."""

    name: str
    title: str
    kind: RoomKind
    head: int
    topic: str = ""
    is_read: bool = False


class AgentPerson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    role: Role
    display_name: str = ""
    state: State | None = None


class ShownDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A draft, and what became of it. `by` is the name of who approved or refused it, `seq` that of
    the message that was posted, and `reason` why it was not."""

    id: str
    room: str
    state: DraftState
    expires_at: str
    text: str | None = None
    reply_to: int | None = None
    thread: int | None = None
    emoji: str | None = None
    react_to: int | None = None
    by: str | None = None
    seq: int | None = None
    reason: str | None = None


class CallAnswer(Answer, frozen=True, kw_only=True):
    """The answer of a tool."""

    def cites(self) -> list[tuple[str, int]]:
        """The rooms and seqs of the messages in it."""
        return []


class AgentRoomList(CallAnswer, frozen=True, kw_only=True):
    """The rooms that the agent may read, and whether it may write drafts."""

    rooms: list[AgentRoom]
    may_draft: bool


class AgentMessages(CallAnswer, frozen=True, kw_only=True):
    """Messages, oldest first. With `older`, there is an earlier page of a room as it was."""

    messages: list[CitedMessage]
    more: MoreMessages
    older: int | None = None

    def cites(self) -> list[tuple[str, int]]:
        return [(message.room, message.seq) for message in self.messages]


class AgentThreadList(CallAnswer, frozen=True, kw_only=True):
    """The first messages of threads, that with the newest reply first. With `before`, there are
    more of them, before this seq."""

    threads: list[CitedMessage]
    before: int | None = None

    def cites(self) -> list[tuple[str, int]]:
        return [(message.room, message.seq) for message in self.threads]


class AgentFound(CallAnswer, frozen=True, kw_only=True):
    """Messages, newest first. With `before`, there are more of them, before this number."""

    messages: list[CitedMessage]
    before: int | None = None

    def cites(self) -> list[tuple[str, int]]:
        return [(message.room, message.seq) for message in self.messages]


class AgentPeopleList(CallAnswer, frozen=True, kw_only=True):
    """The people who are in a room now, by name."""

    people: list[AgentPerson]
    more: bool


class AgentFileText(CallAnswer, frozen=True, kw_only=True):
    """A part of a file's text. With `next`, it goes on at this byte."""

    room: str
    seq: int
    file: CitedFile
    text: str
    next: int | None = None

    def cites(self) -> list[tuple[str, int]]:
        return [(self.room, self.seq)]


class WrittenDraft(CallAnswer, frozen=True, kw_only=True):
    """The draft, which now waits for a person."""

    draft: ShownDraft


class AgentDraftList(CallAnswer, frozen=True, kw_only=True):
    """The agent's drafts of the last week, newest first."""

    drafts: list[ShownDraft]


ROOMS = ClientEvent("rooms", AgentRooms, AgentRoomList, "agent", weight=10)
READ = ClientEvent("read", AgentRead, AgentMessages, "agent", weight=10)
THREADS = ClientEvent("threads", AgentThreads, AgentThreadList, "agent", weight=10)
SEARCH = ClientEvent("search", AgentSearch, AgentFound, "agent", weight=10)
PEOPLE = ClientEvent("people", AgentPeople, AgentPeopleList, "agent", weight=5)
FILE = ClientEvent("file", AgentFile, AgentFileText, "agent", weight=20)
DRAFT = ClientEvent("draft", AgentDraft, WrittenDraft, "draft", weight=20)
DRAFTS = ClientEvent("drafts", AgentDrafts, AgentDraftList, "agent", weight=5)

AGENT_TOOLS: Final[dict[str, ClientEvent[Any, Any]]] = {
    tool.name: tool for tool in (ROOMS, READ, THREADS, SEARCH, PEOPLE, FILE, DRAFT, DRAFTS)
}

prepare(kind for tool in AGENT_TOOLS.values() for kind in (tool.request, tool.answer))
