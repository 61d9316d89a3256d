"""Word of a command from another process, which can be faster than the row of its run."""

from collections.abc import Callable
from typing import Any

from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.slash_commands.events import CommandTeller
from chatapp.protocol.pushes import CommandCall

ROBO = Person(name="robo", id="id of robo", role="bot")
CALL = CommandCall(
    id="c1", name="deploy", text="web", room="ops", sender="ana", by="id of ana", at="2026-11-30"
)


class Wire:
    """A broker that hands over when the test says so, and what was told by it."""

    def __init__(self) -> None:
        self.heard: dict[str, Callable[[bytes], None]] = {}
        self.published: list[tuple[str, bytes]] = []
        self.told: list[tuple[str, str]] = []

    def subscribe(self, topic: str, hear: Callable[[bytes], None]) -> None:
        self.heard[topic] = hear

    def publish(self, topic: str, message: bytes) -> None:
        self.published.append((topic, message))

    def deliver(self, other: "Wire") -> None:
        for topic, message in self.published:
            other.heard[topic](message)


class OnlyRobo:
    """The connections of the bot."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def person(self, id: str) -> Person | None:
        return ROBO if id == ROBO.id else None

    def tell(self, person: Person, event: str, news: Any) -> None:
        self._wire.told.append((event, news.id))


class AllRooms:
    def find(self, _person: Person, name: str) -> str:
        return name


def teller(wire: Wire, reach: Callable[[], Future[None]]) -> CommandTeller:
    parts: tuple[Any, ...] = (OnlyRobo(wire), AllRooms(), wire)
    return CommandTeller(*parts, reach)


def test_a_bot_hears_of_a_command_when_its_process_has_the_row_that_it_is_taken_by() -> None:
    here, there, row = Wire(), Wire(), Future[None]()
    teller(there, lambda: row)

    teller(here, lambda: Future.of(None)).call(ROBO.id, CALL)
    here.deliver(there)

    assert here.told == [("command", "c1")], "the process of the run has its row"
    assert there.told == []
    row.resolve(None)
    assert there.told == [("command", "c1")]
