"""What an agent cannot do, however it tries: its token opens no other door, and what it has read in
a private room it can write nowhere else."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from socketio.exceptions import ConnectionError as Refused

from chatapp.client import AgentClient, ChatClient
from chatapp.domain.errors import NoSuchRoom, NotAllowed, Unauthorized
from tests.features.agents.conftest import AgentHouse, settled, shown, token_in
from tests.support import closing
from tests.support.cast import chatapp
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS


def status_of(agent: AgentClient, method: str, path: str, token: str) -> int:
    """What a request with this token is answered, whatever its body would be."""
    request = urllib.request.Request(
        agent.url + path,
        method=method,
        data=b"{}" if method != "GET" else None,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def new_token(chat: AgentHouse, name: str, *options: str, rooms: str = "general,ci") -> str:
    made = chat.add(name, "--owner", "Ana", "--rooms", rooms, *options)
    return token_in(made) if "--agent" in options else made


def test_its_token_opens_no_other_door(chat: AgentHouse) -> None:
    token = new_token(chat, "locked", "--agent", "--drafts")
    agent = AgentClient(chat.server.url, token)
    with urllib.request.urlopen(f"{agent.url}/api/v1/openapi.json") as answer:
        paths = json.load(answer)["paths"]
    doors = [
        (method.upper(), path.replace("{room}", "general").replace("{seq}", "1"))
        for path, methods in paths.items()
        for method in methods
        if not path.startswith("/api/v1/agent/")
    ]
    doors += [("GET", "/files/some-id/name"), ("GET", "/files/some-id/preview")]
    doors += [("POST", "/api/v1/files/tus")]

    answered = {door: status_of(agent, *door, token) for door in doors}

    assert len(doors) > 70
    assert {door for door, status in answered.items() if status not in (401, 403)} == set()
    assert status_of(agent, "POST", "/api/v1/agent/rooms", token) == 200
    client = closing.SimpleClient()
    with pytest.raises(Refused):
        client.connect(agent.url, auth={"token": token}, transports=["websocket"])


def test_tools_are_for_agents_only(chat: AgentHouse) -> None:
    bot = new_token(chat, "plain")
    person = chatapp(chat.server, "token", "create", "Ben", "mine", "--scope", "agent")
    everything = chatapp(chat.server, "bot", "add", "free", "--owner", "Ana")
    agent = chat.agent()

    for token in (bot, person, everything):
        with pytest.raises(NotAllowed):
            AgentClient(agent.url, token).read("general")
    with pytest.raises(Unauthorized):
        AgentClient(agent.url, "chatapp_made-up").rooms()


@pytest.mark.parametrize(
    "options",
    [
        ("--rooms", "ci", "--agent", "--scope", "write"),
        ("--agent",),
        ("--rooms", "ci", "--drafts"),
        ("--rooms", "ci", "--scope", "agent,write"),
        ("--rooms", "ci", "--scope", "draft"),
        ("--rooms", "attic", "--agent"),
    ],
)
def test_no_agent_is_made_without_its_brakes(chat: AgentHouse, options: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError):
        chatapp(chat.server, "bot", "add", "loose", "--owner", "Ben", *options)

    assert "loose" not in chatapp(chat.server, "bot", "list")


def test_it_writes_nothing_unless_it_may(chat: AgentHouse) -> None:
    agent = chat.agent()

    with pytest.raises(NotAllowed):
        agent.draft("ci", "hello")
    with pytest.raises(NotAllowed):
        agent.draft_reaction("ci", 1, "👍")


def reading(agent: AgentClient, how: str, seq: int) -> None:
    """Something of `attic`, in one of the ways to read it."""
    match how:
        case "read":
            agent.read("attic", limit=1)
        case "search":
            assert agent.search("elephant").messages
        case "people":
            agent.people("attic")
        case "threads":
            agent.threads("attic")


@pytest.mark.parametrize("how", ["read", "search", "people", "threads"])
def test_what_it_read_in_a_private_room_it_writes_nowhere_else(chat: AgentHouse, how: str) -> None:
    seq = chat.ana.send("attic", "the elephant is in the attic").seq
    public = chat.ana.send("ci", "well?").seq
    agent = chat.agent("--drafts")
    assert agent.draft("ci", "before it has read anything").state == "pending"
    agent.read("ci")

    reading(agent, how, seq)

    for leak in (
        lambda: agent.draft("ci", "the elephant is in the attic"),
        lambda: agent.draft("ci", "elephant", reply_to=public),
        lambda: agent.draft("ci", "elephant", thread=public),
        lambda: agent.draft_reaction("ci", public, "🐘"),
        lambda: agent.draft("cellar", "private, but of other people"),
    ):
        with pytest.raises(NotAllowed, match="attic"):
            leak()
    assert agent.draft("attic", "I have seen it").state == "pending"
    assert {room.name for room in agent.rooms().rooms if room.is_read} == {"attic"}


def test_another_token_and_a_restart_do_not_make_it_forget(
    new_server: Callable[..., Server],
) -> None:
    chat = AgentHouse(new_server().start())
    token = new_token(chat, "forgetful", "--agent", "--drafts", rooms="ci,attic")
    AgentClient(chat.server.url, token).read("attic")
    scopes = ("--scope", "agent", "--scope", "draft")
    second = chatapp(chat.server, "token", "create", "forgetful", "a new start", *scopes)

    chat.server.kill9()
    chat.server.start()

    for secret in (token, second):
        with pytest.raises(NotAllowed, match="attic"):
            AgentClient(chat.server.url, secret).draft("ci", "the elephant")
    chat.close()


def test_what_is_posted_is_what_was_shown_to_the_last_character(chat: AgentHouse) -> None:
    agent = chat.agent("--drafts")
    text = "a `fence`: ````\n@Ben [safe](https://evil.example)\u202e\x1b[2J end"

    draft = agent.draft("ci", text)
    room, seq, told = shown(chat.ana, draft)
    chat.ana.react(room, seq, "✅")
    posted = settled(agent, draft)

    assert "\n`````text\na `fence`: ````\n@Ben [safe](https://evil.example)<U+202E>␛[2J end" in told
    (message,) = chat.ana.history("ci", around=posted.seq, limit=1).messages
    assert message.text == text
    assert message.via is not None
    assert message.via.approved_by == "Ana"


def test_nobody_else_decides_about_a_draft(chat: AgentHouse) -> None:
    """Nor does the bot, by another of its tokens, nor another bot of the same owner."""
    agent_token = new_token(chat, "sly", "--agent", "--drafts")
    agent = AgentClient(chat.server.url, agent_token)
    draft = agent.draft("ci", "let me in")
    room, seq, _ = shown(chat.ana, draft)
    own = chatapp(
        chat.server, "token", "create", "sly", "all", "--scope", "read", "--scope", "write"
    )
    other = new_token(chat, "accomplice")

    for token in (own, other, chatapp(chat.server, "token", "create", "Ben", "his")):
        with ChatClient(chat.server.url, token=token) as intruder, pytest.raises(NoSuchRoom):
            intruder.react(room, seq, "✅")
    reactions = chat.ana.history(room, around=seq, limit=1).messages[0].reactions or {}

    assert reactions["✅"] == ["sly"]  # The chat has pressed for the bot, which counts for nothing.
    assert agent.drafts()[0].state == "pending"
