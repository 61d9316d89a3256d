"""Gives answers to commands: to who has typed one, or to the room."""

from collections.abc import Callable

from msgspec import UNSET

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_text
from chatapp.domain.model import Appended, Person
from chatapp.features.messages.manager import VisibleRooms, WritingRules
from chatapp.features.slash_commands.rows import CommandRun
from chatapp.features.slash_commands.slack_answers import GivenAnswer
from chatapp.protocol.pushes import CommandAnswer
from chatapp.protocol.requests import Post


class CommandAnswers:
    """`tell(by, answer)` tells the person with the id `by`, at any process. `post` posts by all
    rules, but in rooms that the bot has not joined as well: answers of webhooks go where it could
    come in."""

    def __init__(
        self,
        *,
        rooms: VisibleRooms,
        rules: WritingRules,
        max_text_bytes: Callable[[], int],
        tell: Callable[[str, CommandAnswer], None],
        post: Callable[[Person, Post], Future[Appended]],
        clock: Clock,
    ) -> None:
        self._rooms = rooms
        self._rules = rules
        self._max_text_bytes = max_text_bytes
        self._tell = tell
        self._post = post
        self._clock = clock

    def tell(self, id: str, run: CommandRun, bot: Person, text: str) -> None:
        """Only to who has typed the command. It is not kept."""
        self._rules.check_change(bot, self._rooms.find(bot, run.room))
        answer = CommandAnswer(
            id=id,
            name=run.name,
            text=checked_text(text, self._max_text_bytes()),
            room=run.room,
            thread=run.thread or UNSET,
            sender=bot.name,
            at=timestamp(self._clock()),
        )
        self._tell(run.by, answer)

    def give(
        self, id: str, run: CommandRun, bot: Person, given: GivenAnswer, number: int
    ) -> Future[None]:
        """The answer of a webhook with this number: the same one is posted once."""
        if not given.is_for_all:
            self.tell(id, run, bot, given.text)
            return Future.of(None)
        wanted = Post(text=given.text, room=run.room, thread=run.thread, cid=f"cmd:{id}:{number}")
        return self._post(bot, wanted).then(lambda _: None)
