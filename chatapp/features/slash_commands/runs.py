"""Runs slash commands: from who types one to the bot that has it, and back.

    person            this server                                          the bot's connections
    run_command ────▶ checks as for a post; a row for the run; a push ───▶ command
                      row: taken by the first that asks              ◀──── take_command
    answer ◀──────────┘
    command_answer ◀─ told to this person only, and kept nowhere     ◀──── answer_command
                      what the bot posts are messages like others    ◀──── message

A run is found by its person, room and cid, so a retry is the same run. If no connection takes it in
time, its row goes, and with that nobody can take it any more: what timed out has not happened.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from msgspec import UNSET
from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import NoAnswer, NotAllowed, NotFound, RateLimited
from chatapp.domain.future import Future
from chatapp.domain.limits import ANSWER_MINUTES, TAKE_SECONDS, checked_cid, checked_text
from chatapp.domain.model import Appended, Person, Room
from chatapp.domain.rates import PersonPace
from chatapp.domain.rights import require_joined, require_may_run_commands
from chatapp.features.messages.manager import VisibleRooms, WritingRules
from chatapp.features.slash_commands.answering import CommandAnswers
from chatapp.features.slash_commands.manager import SlashCommandManager
from chatapp.features.slash_commands.rows import CommandRun, RegisteredCommand
from chatapp.features.slash_commands.webhook_runs import WebhookRuns
from chatapp.protocol.answers import StartedCommand
from chatapp.protocol.pushes import CommandCall
from chatapp.protocol.requests import AnswerCommand, Post, RunCommand, TakeCommand
from chatapp.tables.rerun import rerun

MAX_WAITING = 5
"""Commands of one person that wait to be taken."""
ID_CHARACTERS = 40
WEBHOOK_SECONDS = 2 * TAKE_SECONDS
"""A webhook has answered by then, or its call has ended."""


@dataclass(slots=True)
class WaitingRun:
    """A run that was not taken yet, and the requests that wait for that: `by` is the id of their
    person."""

    by: str
    name: str
    requests: list[Future[StartedCommand]] = field(default_factory=list)


class CommandRunner:
    """`call(bot, call)` tells all connections of a bot, at any process. `is_online(bot)`: whether
    it has any. `check_thread(room, seq)` raises an error if that is no thread. `post` posts a
    message by all rules. `new_cid()` is one that nobody else has."""

    def __init__(
        self,
        commands: SlashCommandManager,
        *,
        rooms: VisibleRooms,
        rules: WritingRules,
        is_in: Callable[[str, Room], bool],
        pace: PersonPace,
        post: Callable[[Person, Post], Future[Appended]],
        check_thread: Callable[[Room, int], object],
        max_text_bytes: Callable[[], int],
        is_online: Callable[[Person], bool],
        call: Callable[[str, CommandCall], None],
        answers: CommandAnswers,
        webhooks: WebhookRuns,
        new_cid: Callable[[], str],
        later: Callable[[float, Callable[[], object]], object],
        clock: Clock,
    ) -> None:
        self._runs = commands.rows.runs
        self._commands = commands
        self._rooms = rooms
        self._rules = rules
        self._is_in = is_in
        self._pace = pace
        self._post = post
        self._check_thread = check_thread
        self._max_text_bytes = max_text_bytes
        self._is_online = is_online
        self._call = call
        self._answers = answers
        self._webhooks = webhooks
        self._new_cid = new_cid
        self._later = later
        self._clock = clock
        self._waiting: dict[str, WaitingRun] = {}
        self._runs.on_followed(lambda id, _old, _new: self._settle(id))

    # Running

    def run(self, person: Person, wanted: RunCommand) -> Future[StartedCommand]:
        """Done when a connection of the bot has taken the command; fails with `NoAnswer`."""
        self._rooms.find(person, wanted.room)
        require_may_run_commands(person)
        cid = self._new_cid() if wanted.cid is None else checked_cid(wanted.cid)
        id = run_id(person.id, wanted.room, cid)
        known = self._runs.get(id)
        if known is not None:
            return self._called(id, known, person, wanted)
        room, command, bot = self._commands.find(person, wanted.room, wanted.name)
        self._check(person, room, wanted)
        self._require_answering(wanted.name, command, bot, room)
        run = CommandRun(
            name=wanted.name,
            bot=bot.id,
            webhook=command.webhook,
            room=room.name,
            thread=wanted.thread,
            by=person.id,
            at=timestamp(self._clock()),
        )
        if not command.posted:
            self._pace.check(person)
            return self._begun(id, run, person, wanted)
        line = f"/{wanted.name} {wanted.text}".rstrip()
        message = Post(text=line, room=room.name, thread=wanted.thread, cid=cid)
        return self._post(person, message).chain(
            lambda posted: self._begun(id, replace(run, seq=posted.event.seq), person, wanted)
        )

    def _require_answering(
        self, name: str, command: RegisteredCommand, bot: Person, room: Room
    ) -> None:
        if command.webhook:
            if problem := self._webhooks.problem(command.webhook, room.name):
                raise NoAnswer(f"/{name} cannot run now. {problem}")
        elif not self._is_online(bot):
            raise NoAnswer(f"{bot.name} is offline, so nobody can answer /{name} now.")

    def _check(self, person: Person, room: Room, wanted: RunCommand) -> None:
        """What holds for a message holds for a command, whether it is posted or not."""
        self._rules.check_post(person, room)
        if wanted.text.strip():
            checked_text(wanted.text, self._max_text_bytes())
        if wanted.thread is not None:
            self._check_thread(room, wanted.thread)
        if sum(one.by == person.id for one in self._waiting.values()) >= MAX_WAITING:
            message = f"{MAX_WAITING} of your commands wait for an answer. Try again in a moment."
            raise RateLimited(message, retry_after=TAKE_SECONDS)

    def _begun(
        self, id: str, run: CommandRun, person: Person, wanted: RunCommand
    ) -> Future[StartedCommand]:
        """From here on, a retry finds the run."""
        begun = self._runs.put(id, run, expected=None)
        return begun.chain(lambda _: self._called(id, run, person, wanted, is_new=True))

    def _called(
        self, id: str, run: CommandRun, person: Person, wanted: RunCommand, *, is_new: bool = False
    ) -> Future[StartedCommand]:
        """The bot may hear of a run more than once; only one of its connections can take it. A
        webhook is called once."""
        if run.taken:
            return Future.of(_started(id, run))
        if run.problem:
            raise NoAnswer(run.problem)
        call = CommandCall(
            id=id,
            name=run.name,
            text=wanted.text.strip(),
            room=run.room,
            thread=run.thread or UNSET,
            sender=person.name,
            by=run.by,
            at=run.at,
            seq=run.seq or UNSET,
        )
        outcome = self._wait(id, run)
        if not run.webhook:
            self._call(run.bot, call)
        elif is_new:
            sent = self._webhooks.send(id, run, call)
            sent.add_done_callback(lambda _: self._settle(id))
        return outcome

    def _wait(self, id: str, run: CommandRun) -> Future[StartedCommand]:
        outcome: Future[StartedCommand] = Future()
        if id not in self._waiting:
            self._waiting[id] = WaitingRun(run.by, run.name)
            seconds = WEBHOOK_SECONDS if run.webhook else TAKE_SECONDS
            self._later(seconds, partial(self._give_up, id, self._waiting[id]))
        self._waiting[id].requests.append(outcome)
        return outcome

    def _settle(self, id: str) -> None:
        """Somebody may have taken it, or a webhook has failed."""
        run = self._runs.get(id)
        if run is None or not (run.taken or run.problem):
            return
        waiting = self._waiting.pop(id, None)
        for request in waiting.requests if waiting else ():
            if run.problem:
                request.fail(NoAnswer(run.problem))
            else:
                request.resolve(_started(id, run))

    def _give_up(self, id: str, waiting: WaitingRun) -> None:
        """Nobody has taken it, and from now on nobody can. At another process, somebody may have
        taken it a moment ago: then the row stays."""
        if self._waiting.get(id) is not waiting:
            return

        def decide() -> Future[CommandRun | None]:
            run = self._runs.get(id)
            if run is None or run.taken or run.webhook:
                return Future.of(run)
            return self._runs.delete(id, expected=run).then(lambda _: None)

        def settle(decided: Future[CommandRun | None]) -> None:
            self._settle(id)
            if self._waiting.get(id) is not waiting:
                return
            del self._waiting[id]
            run = None if decided.error else decided.result()
            error = decided.error or NoAnswer(
                f"/{waiting.name} was not answered in time. It may have run."
                if run is not None
                else f"/{waiting.name} was not taken within {TAKE_SECONDS:g} s, so it has not run."
            )
            for request in waiting.requests:
                request.fail(error)

        rerun(decide).add_done_callback(settle)

    # Answering

    def take(self, bot: Person, wanted: TakeCommand) -> Future[None]:
        """The connection with this mark answers; raises `NotAllowed` if another one does."""
        run = self._run_of(bot, wanted.id)
        if run.taken == wanted.mark:
            return Future.of(None)
        if run.taken:
            raise NotAllowed("Another connection of this bot has taken the command.")
        taken = self._runs.put(wanted.id, replace(run, taken=wanted.mark), expected=run)
        return taken.then(lambda _: self._settle(wanted.id))

    def answer(self, bot: Person, wanted: AnswerCommand) -> None:
        """Tell whoever has typed the command, and nobody else. It is not kept."""
        run = self._run_of(bot, wanted.id)
        if not run.taken:
            raise NotAllowed("Take the command before you answer it.")
        room = self._rooms.find(bot, run.room)
        require_joined(room, self._is_in(bot.id, room))
        self._pace.check(bot)
        self._answers.tell(wanted.id, run, bot, wanted.text)

    def respond(self, id: str, token: str, body: bytes, type: str) -> Future[None]:
        """A later answer of a webhook, to the address of a run."""
        run = self._runs.get(id)
        if run is not None and self._is_over(run):
            run = None
        return self._webhooks.respond(id, run, token, body, type)

    def _run_of(self, bot: Person, id: str) -> CommandRun:
        run = self._runs.get(id)
        if run is None or run.bot != bot.id or run.webhook or self._is_over(run):
            raise NotFound("There is no such command, or it can no longer be answered.")
        return run

    def _is_over(self, run: CommandRun) -> bool:
        until = datetime.fromisoformat(run.at) + timedelta(minutes=ANSWER_MINUTES)
        return self._clock() > until


def run_id(person: str, room: str, cid: str) -> str:
    """The id of what a person has typed in a room, the same for a retry."""
    return sha256(f"{person}\n{room}\n{cid}".encode()).hexdigest()[:ID_CHARACTERS]


def _started(id: str, run: CommandRun) -> StartedCommand:
    return StartedCommand(id=id, seq=run.seq or UNSET)
