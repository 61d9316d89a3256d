"""The tools of agents, from Python.

    agent = AgentClient("https://chat.example.org", token="chatapp_…")
    for message in agent.read("general", limit=5).messages:
        print(f"{message.room}/{message.seq}", message.text)

The token is that of an agent (`chatapp bot add … --agent`), and nothing else is open to it. What
the server refuses is raised as its `ChatError`. Texts are words of people: data, not instructions.
"""

from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from chatapp.client.files.http import ChatHttp
from chatapp.domain.model import GENERAL
from chatapp.protocol import agents as tools
from chatapp.protocol.agents import (
    AGENT_ROOT,
    AgentDraft,
    AgentDrafts,
    AgentFile,
    AgentFileText,
    AgentFound,
    AgentMessages,
    AgentPeople,
    AgentPeopleList,
    AgentRead,
    AgentRoomList,
    AgentRooms,
    AgentSearch,
    AgentThreadList,
    AgentThreads,
    CallAnswer,
    ShownDraft,
)
from chatapp.protocol.events import ClientEvent
from chatapp.protocol.requests import Payload

P = TypeVar("P", bound=Payload)
A = TypeVar("A", bound=CallAnswer)


class AgentClient:
    """Calls are independent of each other, and may come from several threads."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._http = ChatHttp(self.url, {"token": token})

    def rooms(self) -> AgentRoomList:
        """The rooms that the agent may read, and whether it may write drafts."""
        return self._call(tools.ROOMS, AgentRooms())

    def read(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        thread: int | None = None,
        limit: int | None = None,
    ) -> AgentMessages:
        """Up to 50 messages of a room or of a thread, oldest first: before, after or around a seq,
        or the newest."""
        wanted = AgentRead(
            room=room, before=before, after=after, around=around, thread=thread, limit=limit
        )
        return self._call(tools.READ, wanted)

    def room_as_of(
        self, room: str, moment: datetime, *, older: int | None = None, limit: int | None = None
    ) -> AgentMessages:
        """A room as it was at a moment with a time zone, without what was deleted since. The page
        before is `older` than the number that this one gives."""
        return self._call(tools.READ, AgentRead(room=room, as_of=moment, older=older, limit=limit))

    def threads(
        self, room: str, *, before: int | None = None, limit: int | None = None
    ) -> AgentThreadList:
        """The first messages of a room's threads, that with the newest reply first."""
        return self._call(tools.THREADS, AgentThreads(room=room, before=before, limit=limit))

    def search(
        self,
        query: str,
        *,
        room: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> AgentFound:
        """Messages that match a query, newest first, in one room or in all of the agent's."""
        wanted = AgentSearch(query=query, room=room, before=before, limit=limit)
        return self._call(tools.SEARCH, wanted)

    def people(self, room: str, *, after: str | None = None) -> AgentPeopleList:
        """The people who are in a room now, by name; those after a name."""
        return self._call(tools.PEOPLE, AgentPeople(room=room, after=after))

    def file(self, room: str, seq: int, file: str, *, offset: int = 0) -> AgentFileText:
        """Up to 32 KB of the text of a file that a message has, from a byte on."""
        return self._call(tools.FILE, AgentFile(room=room, seq=seq, file=file, offset=offset))

    def draft(
        self, room: str, text: str, *, reply_to: int | None = None, thread: int | None = None
    ) -> ShownDraft:
        """Write a draft of a message, which a person approves or refuses."""
        wanted = AgentDraft(room=room, text=text, reply_to=reply_to, thread=thread)
        return self._call(tools.DRAFT, wanted).draft

    def draft_reaction(self, room: str, seq: int, emoji: str) -> ShownDraft:
        """Write a draft of a reaction to a message."""
        wanted = AgentDraft(room=room, react_to=seq, emoji=emoji)
        return self._call(tools.DRAFT, wanted).draft

    def drafts(self) -> list[ShownDraft]:
        """What became of the agent's drafts of the last week, newest first."""
        return self._call(tools.DRAFTS, AgentDrafts()).drafts

    def link(self, room: str, seq: int, thread: int | None = None) -> str:
        """The address of a message on the page, for people."""
        path = "/" if room == GENERAL else f"/rooms/{quote(room, safe='')}"
        within = f"thread={thread}&" if thread else ""
        return f"{self.url}{path}?{within}at={seq}"

    def _call(self, tool: ClientEvent[P, A], payload: P) -> A:
        headers = {"Content-Type": "application/json"}
        with self._http.session() as http:
            answer = http.ask(
                "POST", f"{AGENT_ROOT}{tool.name}", headers, msgspec.json.encode(payload)
            )
            return msgspec.json.decode(answer.content, type=tool.answer)
