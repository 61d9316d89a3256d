"""Ana, who types commands, and a bot of hers that has some, in a room of their own at a server."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.cast import chatapp, new_token, with_token
from tests.support.cluster import new_name
from tests.support.server import Server
from tests.test_way_of_a_message import call, hear

Start = Callable[..., "Future[Any]"]


@pytest.fixture(scope="module")
def anas_token(house: Server) -> str:
    return new_token(house, "Ana", "member")


@pytest.fixture
def ana(house: Server, anas_token: str) -> Any:
    return with_token(house, anas_token)


@pytest.fixture
def room(ana: Any) -> str:
    """A room in which Ana is."""
    return str(call(ana, "create", {"room": new_name("room")})["room"]["name"])


@pytest.fixture
def new_bot(house: Server) -> Callable[..., tuple[str, str]]:
    """`new_bot("--scope", "post")`: the name of a bot of Ana's, and its token."""

    def new_bot(*limits: str) -> tuple[str, str]:
        name = new_name("bot")
        return name, chatapp(house, "bot", "add", name, "--owner", "Ana", *limits)

    return new_bot


@pytest.fixture
def bot(house: Server, room: str, new_bot: Any, anas_token: str) -> Any:
    """Connected, and in the room."""
    _, token = new_bot()
    bot = with_token(house, token)
    call(bot, "join", {"room": room})
    return bot


@pytest.fixture
def connect_guest(house: Server, connect: Any) -> Callable[[str, str], Any]:
    """`connect_guest("eva", room)`: in the room."""

    def connect_guest(name: str, room: str) -> Any:
        guest = connect(name, url=house.url)
        call(guest, "join", {"room": room})
        return guest

    return connect_guest


@pytest.fixture
def start() -> Iterator[Start]:
    """`start(ana, "run_command", {…})` does not wait for the answer, which needs the bot."""
    with ThreadPoolExecutor() as pool:
        yield lambda client, event, payload: pool.submit(call, client, event, payload)


@pytest.fixture
def typed(ana: Any, room: str, start: Start) -> Callable[..., "Future[Any]"]:
    """`typed("/deploy web")` by Ana in the room."""

    def typed(line: str, **more: Any) -> "Future[Any]":
        name, _, text = line.removeprefix("/").partition(" ")
        return start(ana, "run_command", {"room": room, "name": name, "text": text, **more})

    return typed


def taken(bot: Any, mark: str = "a mark") -> Any:
    """The next command that the bot hears of, which it takes."""
    heard = hear(bot, "command")
    assert call(bot, "take_command", {"id": heard["id"], "mark": mark}) == {"ok": True}
    return heard


def code(answer: Any) -> str:
    return str(answer["error"]["code"])
