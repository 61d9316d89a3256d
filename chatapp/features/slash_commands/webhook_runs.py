"""Runs of commands that webhooks have: one POST, and up to five answers later.

    no outcome ──▶ taken      the receiver has answered with 2xx, and its answer was given
               └─▶ problem    as whoever has typed the command is told; also a retry is told that

The receiver is called once for a run. What came of it is in its row, so a retry calls nobody; one
that comes while another process calls waits for that row.
"""

import logging
from collections.abc import Callable

from msgspec.structs import replace

from chatapp.domain.errors import BadPayload, ChatError, NotAllowed, NotFound
from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_RESPONSES
from chatapp.domain.model import Person
from chatapp.features.slash_commands.answering import CommandAnswers
from chatapp.features.slash_commands.rows import CommandRun
from chatapp.features.slash_commands.slack_answers import GivenAnswer, answer_of
from chatapp.features.slash_commands.webhook_calls import WebhookCalls
from chatapp.outbound.calls import OutboundError, Reply
from chatapp.protocol.pushes import CommandCall
from chatapp.tables.rerun import rerun
from chatapp.tables.table import Table

logger = logging.getLogger(__name__)

BY_WEBHOOK = "webhook"
"""Who has taken the run of a webhook."""
GONE = "The webhook is gone."


class WebhookRuns:
    """`bot(id)` is the bot that answers. `without_calls(text)` mentions not everybody."""

    def __init__(
        self,
        runs: Table[CommandRun],
        calls: WebhookCalls,
        answers: CommandAnswers,
        *,
        bot: Callable[[str], Person],
        without_calls: Callable[[str], str],
    ) -> None:
        self._runs = runs
        self._calls = calls
        self._answers = answers
        self._bot = bot
        self._without_calls = without_calls

    def problem(self, id: str, room: str) -> str:
        """Why the webhook with this id cannot run a command now; "" if it can."""
        return self._calls.problem(id, room)

    def send(self, id: str, run: CommandRun, call: CommandCall) -> Future[None]:
        """Done when the row says what came of it."""
        webhook = self._calls.find(run.webhook)
        if webhook is None or webhook.command is None:
            return self._note(id, GONE)
        noted: Future[None] = Future()

        def note(given: Future[None]) -> None:
            self._note(id, _problem_of(given, webhook.title)).pass_on(noted)

        called = self._calls.send(webhook, webhook.command, call)
        called.chain(lambda reply: self._answered(id, run, reply)).add_done_callback(note)
        return noted

    def _answered(self, id: str, run: CommandRun, reply: Reply) -> Future[None]:
        if not 200 <= reply.status < 300:
            raise BadPayload(f"It answers with {reply.status}.")
        given = self._given(run, reply.body, reply.headers.get("content-type", ""))
        return self._give(id, run, given, 0)

    def _note(self, id: str, problem: str) -> Future[None]:
        def note() -> Future[None]:
            run = self._runs.get(id)
            if run is None:
                return Future.of(None)
            noted = replace(run, problem=problem, taken="" if problem else BY_WEBHOOK)
            return self._runs.put(id, noted, expected=run)

        return rerun(note)

    # Later answers

    def respond(
        self, id: str, run: CommandRun | None, token: str, body: bytes, type: str
    ) -> Future[None]:
        """An answer to the address of a run, None if it is over; raises `NotFound` for an address
        that is not known any more."""
        if run is None or not run.webhook or not self._calls.is_token(id, token):
            raise NotFound("No answer is awaited at this address, or not any more.")
        given = self._given(run, body, type)
        return rerun(lambda: self._counted(id)).chain(
            lambda number: self._give(id, run, given, number)
        )

    def _counted(self, id: str) -> Future[int]:
        """The number of this answer, from 1."""
        run = self._runs.get(id)
        if run is None or run.uses >= MAX_RESPONSES:
            raise NotAllowed(f"A command is answered {MAX_RESPONSES} times at most.")
        number = run.uses + 1
        return self._runs.put(id, replace(run, uses=number), expected=run).then(lambda _: number)

    def _given(self, run: CommandRun, body: bytes, type: str) -> GivenAnswer | None:
        webhook = self._calls.find(run.webhook)
        if webhook is None or webhook.command is None:
            raise NotFound(GONE)
        given = answer_of(body, type, room=run.room, is_slack=not webhook.command.signed)
        if given is None or webhook.calls_all:
            return given
        return replace(given, text=self._without_calls(given.text))

    def _give(
        self, id: str, run: CommandRun, given: GivenAnswer | None, number: int
    ) -> Future[None]:
        if given is None:
            return Future.of(None)
        return self._answers.give(id, run, self._bot(run.bot), given, number)


def _problem_of(given: Future[None], title: str) -> str:
    """As whoever has typed the command is told; "" if all is well."""
    error = given.error
    if error is None:
        return ""
    if isinstance(error, OutboundError) and error.reason == "timeout":
        return f"{title} has not answered in time. It may have run the command."
    if isinstance(error, OutboundError | ChatError):
        return f"{title} did not run the command, or its answer cannot be shown: {error}"
    logger.error("A command of a webhook failed: %r", error)
    return f"{title} has not run the command. Something went wrong on the server."
