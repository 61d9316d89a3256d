"""The event handlers `commands`, `add_command`, `remove_command`, `run_command`, `take_command` and
`answer_command`; and what bots and people are told of them, at whatever process they are."""

from collections.abc import Callable

import msgspec

from chatapp.domain.errors import NoSuchRoom
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.handlers import receive
from chatapp.features.messages.manager import VisibleRooms
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.features.slash_commands.runs import CommandRunner
from chatapp.ports import Broker
from chatapp.protocol import events
from chatapp.protocol.answers import CommandList, Done, StartedCommand
from chatapp.protocol.pushes import CommandAnswer, CommandCall
from chatapp.protocol.requests import (
    AddCommand,
    AnswerCommand,
    ListCommands,
    RemoveCommand,
    RunCommand,
    TakeCommand,
)
from chatapp.transport import Connection, Realtime

CALLS = "command"
ANSWERS = "command-answer"


class CallElsewhere(msgspec.Struct, frozen=True):
    """For other processes: the bot with this id has a command to take. Not stored anywhere."""

    bot: str
    call: CommandCall


class AnswerElsewhere(msgspec.Struct, frozen=True):
    """For other processes: an answer to the person with this id. Not stored anywhere."""

    person: str
    answer: CommandAnswer


_encode = msgspec.json.Encoder().encode
_decode_call = msgspec.json.Decoder(CallElsewhere).decode
_decode_answer = msgspec.json.Decoder(AnswerElsewhere).decode


class CommandTeller:
    """Tells the connections of one person or bot, at every process. `reach()` is done when this
    process sees the rows that others had written before: a bot answers by the row of the run."""

    def __init__(
        self,
        subscriptions: RoomSubscriptions,
        rooms: VisibleRooms,
        broker: Broker,
        reach: Callable[[], Future[None]],
    ) -> None:
        self._subscriptions = subscriptions
        self._rooms = rooms
        self._broker = broker
        self._reach = reach
        broker.subscribe(CALLS, self._call_came)
        broker.subscribe(ANSWERS, self._answer_came)

    def call(self, bot: str, call: CommandCall) -> None:
        self._tell_bot(bot, call)
        self._broker.publish(CALLS, _encode(CallElsewhere(bot, call)))

    def answer(self, person: str, answer: CommandAnswer) -> None:
        self._tell_person(person, answer)
        self._broker.publish(ANSWERS, _encode(AnswerElsewhere(person, answer)))

    def _call_came(self, told: bytes) -> None:
        elsewhere = _decode_call(told)
        if self._here(elsewhere.bot, elsewhere.call.room):
            seen = self._reach()
            seen.then(lambda _: self._tell_bot(elsewhere.bot, elsewhere.call))

    def _answer_came(self, told: bytes) -> None:
        elsewhere = _decode_answer(told)
        self._tell_person(elsewhere.person, elsewhere.answer)

    def _tell_bot(self, id: str, call: CommandCall) -> None:
        if bot := self._here(id, call.room):
            self._subscriptions.tell(bot, "command", call)

    def _tell_person(self, id: str, answer: CommandAnswer) -> None:
        if person := self._here(id, answer.room):
            self._subscriptions.tell(person, "command_answer", answer)

    def _here(self, id: str, room: str) -> Person | None:
        """The person with this id, if they are connected here, and can see the room (still)."""
        person = self._subscriptions.person(id)
        if person is None:
            return None
        try:
            self._rooms.find(person, room)
        except NoSuchRoom:
            return None
        return person


def register(realtime: Realtime, manager: SlashCommandManager, runner: CommandRunner) -> None:
    def listed(connection: Connection, payload: ListCommands) -> CommandList:
        if payload.room is None:
            return CommandList(commands=manager.registered(connection.person))
        return CommandList(commands=manager.offered(connection.person, payload.room))

    def add(connection: Connection, payload: AddCommand) -> Future[Done]:
        return manager.add(connection.person, payload).then(_done)

    def remove(connection: Connection, payload: RemoveCommand) -> Future[Done]:
        return manager.remove_own(connection.person, payload.name).then(_done)

    def run(connection: Connection, payload: RunCommand) -> Future[StartedCommand]:
        return runner.run(connection.person, payload)

    def take(connection: Connection, payload: TakeCommand) -> Future[Done]:
        return runner.take(connection.person, payload).then(_done)

    def answer(connection: Connection, payload: AnswerCommand) -> Done:
        runner.answer(connection.person, payload)
        return Done()

    receive(realtime, events.COMMANDS, listed)
    receive(realtime, events.ADD_COMMAND, add)
    receive(realtime, events.REMOVE_COMMAND, remove)
    receive(realtime, events.RUN_COMMAND, run)
    receive(realtime, events.TAKE_COMMAND, take)
    receive(realtime, events.ANSWER_COMMAND, answer)


def _done(_: object) -> Done:
    return Done()
