"""A chat with Ana, who owns agents, and Ben. There are the public rooms `general`, `ci` and
`lounge`, `attic`, where only Ana is, and `cellar`, where she is with Ben."""

import json
from collections.abc import Iterator
from itertools import count

import pytest

from chatapp.client import AgentClient, ChatClient
from chatapp.protocol.agents import ShownDraft
from tests.support.cast import chatapp, new_token
from tests.support.server import Server
from tests.support.waiting import wait_until

ROOMS = ("general", "ci", "attic", "cellar")


class AgentHouse:
    """The server, and the people in it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.ana = ChatClient(server.url, token=new_token(server, "Ana", "member"))
        self.ben = ChatClient(server.url, token=new_token(server, "Ben", "member"))
        self.ana.connect()
        self.ben.connect()
        for room in ("ci", "lounge"):
            self.ana.create(room)
        for room in ("attic", "cellar"):
            self.ana.create(room, kind="private")
        self.ana.invite("cellar", "Ben")
        self.tokens: dict[AgentClient, str] = {}
        self._numbers = count(1)

    def agent(
        self, *options: str, rooms: tuple[str, ...] = ROOMS, owner: str = "Ana"
    ) -> AgentClient:
        """A new agent, with `--drafts` if the options say so."""
        name = f"agent-{next(self._numbers)}"
        made = self.add(name, "--owner", owner, "--rooms", ",".join(rooms), "--agent", *options)
        agent = AgentClient(self.server.url, token_in(made))
        self.tokens[agent] = token_in(made)
        return agent

    def add(self, name: str, *options: str) -> str:
        return chatapp(self.server, "bot", "add", name, *options)

    def audited(self, action: str) -> list[dict[str, object]]:
        """The details of all records of an action."""
        lines = chatapp(self.server, "audit", "--json").splitlines()
        records = [json.loads(line) for line in lines]
        return [json.loads(one["text"]) for one in records if one["room"] == action]

    def close(self) -> None:
        self.ana.close()
        self.ben.close()


@pytest.fixture(scope="module")
def chat(house: Server) -> Iterator[AgentHouse]:
    chat = AgentHouse(house)
    yield chat
    chat.close()


def token_in(configuration: str) -> str:
    """That of an agent, in what is to be pasted into the configuration of its program."""
    (server,) = json.loads(configuration)["mcpServers"].values()
    assert server["command"] == "chatapp"
    token: str = server["env"]["CHATAPP_TOKEN"]
    return token


def settled(agent: AgentClient, draft: ShownDraft) -> ShownDraft:
    """The draft, as soon as it does not wait any more."""

    def found() -> ShownDraft | None:
        (now,) = [one for one in agent.drafts() if one.id == draft.id]
        return None if now.state in ("pending", "approved") else now

    return wait_until(found, what="the draft to be answered")


def shown(person: ChatClient, draft: ShownDraft) -> tuple[str, int, str]:
    """The room, the seq and the text of the message that shows a draft to a person."""
    for room in person.rooms():
        if room.kind == "direct":
            for message in person.history(room.name, limit=100).messages:
                if message.cid == f"draft:{draft.id}":
                    return room.name, message.seq, message.text
    raise AssertionError(f"{draft.id} is shown nowhere")
