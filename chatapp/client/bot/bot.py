"""A program that answers, and goes on after a crash where it was, without answering twice.

    from chatapp.client import Bot
    bot = Bot("http://localhost:8080", token="chatapp_…", state="dice.json")
    @bot.command("echo")
    def echo(event):
        return event.text
    bot.run()

Handlers run one at a time, so they need no locks. A handler that fails is logged, and does not end
the bot; its message counts as dealt with. After a crash, the message that was being handled is
handled again; see `BotEvent` for why nobody sees two answers.
"""

import contextlib
import logging
import os
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import TypeVar

from chatapp.client.address import DEFAULT_URL
from chatapp.client.bot.event import BotEvent
from chatapp.client.bot.handlers import Addressed, BotCommand, Handle, Handlers
from chatapp.client.bot.place import BotPlace
from chatapp.client.bot.slash_calls import SlashCalls
from chatapp.client.chat import RECONNECT_SECONDS, TIMEOUT_SECONDS, ChatClient
from chatapp.client.errors import ClientClosed
from chatapp.client.news import Connected, News, ProfileChanged, RoomChanged
from chatapp.domain.errors import ChatError, NoSuchRoom, NotAMember, RateLimited, Unavailable
from chatapp.domain.model import Message
from chatapp.protocol.pushes import CommandCall
from chatapp.protocol.values import RoomInfo

H = TypeVar("H", bound=Handle)
T = TypeVar("T")

PAUSE_SECONDS = 1.0
"""The pause before something is tried again, if the server names none."""
LOOK_SECONDS = 1.0
"""How often a bot without news looks whether its client has ended."""

logger = logging.getLogger(__name__)


class Bot:
    """A bot with the `token` of its account, or a `name` as a guest.

    It answers in the rooms in which its account is, in those that it is added to later, and in
    `rooms`, which it joins. `state` is the file in which it keeps its place; with None, it begins
    anew at each start, with what is said from then on. `prefix` is what commands begin with. Other
    bots get no answers unless `answers_bots`: two bots could go on for ever. `chat` is the
    `ChatClient`, for everything else.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        token: str | None = None,
        *,
        name: str | None = None,
        rooms: Iterable[str] = (),
        state: "str | os.PathLike[str] | None" = None,
        prefix: str = "!",
        answers_bots: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        reconnect_seconds: tuple[float, float] = RECONNECT_SECONDS,
        random: Random | None = None,
    ) -> None:
        self._place = BotPlace(state)
        self.chat = ChatClient(
            url,
            name=name,
            token=token,
            key=None if token else self._place.key,
            on_event=self._hear,
            timeout=timeout,
            reconnect_seconds=reconnect_seconds,
            random=random,
        )
        self._rooms = list(rooms)
        self._answers_bots = answers_bots
        self._handlers = Handlers(prefix)
        self._stopped = threading.Event()
        self._news: queue.SimpleQueue[RoomInfo | Exception | None] = queue.SimpleQueue()
        """Rooms to read, why the bot ends, or None: there may be other rooms now."""
        self._reading: dict[str, threading.Thread] = {}
        self._kinds: dict[str, bool] = {}
        """Whether a room is a conversation with one person."""
        self._roles: dict[str, str] = {}
        self._has_account = token is not None
        self._calls = SlashCalls(self.chat, self._handle_call)
        self._turn = threading.Lock()
        self.command("help", "what I can do")(lambda _event: self._handlers.help())

    # Decorators

    def command(
        self,
        name: str,
        help: str = "",
        *,
        hint: str = "",
        rooms: Sequence[str] | None = None,
        posted: bool = False,
        slash: bool = True,
    ) -> Callable[[H], H]:
        """Calls the function for messages such as `!name …`, and `@bot name …`. `help` is said of
        it by `!help`; without it, the first line of the function's docstring.

        The bot of an account has it as a slash command, too, `/name …`, unless `slash` is false:
        with a `hint` of what follows the name, in these `rooms` or in all that the bot is in. If it
        is `posted`, everybody there sees what was typed.
        """

        def add(handle: H) -> H:
            described = help or (handle.__doc__ or "").strip().partition("\n")[0]
            if name == "help":
                self._handlers.commands.pop(name, None)
            command = BotCommand(name, described, handle, hint, rooms, posted, slash)
            self._handlers.add_command(command)
            return handle

        return add

    def mention(self, handle: H) -> H:
        """Calls the function for messages that mention the bot, or are to it alone."""
        self._handlers.mention.append(handle)
        return handle

    def message(self, handle: H) -> H:
        """Calls the function for all messages that are neither a command nor a mention."""
        self._handlers.message.append(handle)
        return handle

    # Running

    def run(self) -> None:
        """Answer until `stop`, or Ctrl-C. Raises the refusal that ends it, such as a revoked
        token."""
        with self.chat:
            try:
                self._calls.start()
                for room in self._rooms:
                    self.chat.join(room)
                self._go_on()
            except (ClientClosed, KeyboardInterrupt):
                pass
            finally:
                self._stopped.set()
                self._calls.stop()
                self._place.save()

    def stop(self) -> None:
        """End `run`, from any thread or handler."""
        self._stopped.set()
        self._news.put(ClientClosed("The bot was stopped."))

    def _go_on(self) -> None:
        self._read_rooms()
        self._register()
        while True:
            news = self._next()
            if isinstance(news, Exception):
                raise news
            if news is None:
                self._read_rooms()
                self._register()
            else:
                self._read(news)

    def _next(self) -> RoomInfo | Exception | None:
        """The next news, or why the client has ended: a bot in no room reads nothing that says
        so."""
        while True:
            with contextlib.suppress(queue.Empty):
                return self._news.get(timeout=LOOK_SECONDS)
            if self.chat.ended is not None:
                return self.chat.ended

    def _patiently(self, step: Callable[[], T]) -> T:
        """What `step()` gives. It is tried again for as long as the server cannot answer."""
        while True:
            try:
                return step()
            except ClientClosed:
                raise
            except (Unavailable, RateLimited) as error:
                logger.warning("The bot tries again: %s", error)
                if self._stopped.wait(error.retry_after or PAUSE_SECONDS):
                    raise ClientClosed("The bot was stopped.") from None

    def _hear(self, news: News) -> None:
        """On the client's reading thread, which must not wait."""
        if isinstance(news, ProfileChanged):
            self._roles.pop(news.profile.name, None)
        elif isinstance(news, Connected):
            self._news.put(None)
        elif isinstance(news, RoomChanged) and news.room.joined:
            self._news.put(news.room)
        elif isinstance(news, CommandCall):
            self._calls.hear(news)

    def _register(self) -> None:
        if self._has_account:
            self._calls.register(self._handlers.commands.values())

    def _read_rooms(self) -> None:
        is_first = self._place.is_new
        for room in self._patiently(self.chat.rooms):
            if room.joined:
                self._read(room, from_now=is_first)

    def _read(self, room: RoomInfo, from_now: bool = False) -> None:
        """Read a room from where the bot was. One that is not public is read from its beginning:
        somebody has added the bot to it to talk with it."""
        self._kinds[room.name] = room.kind == "direct" and not room.group
        if (thread := self._reading.get(room.name)) and thread.is_alive():
            return
        known = self._place.of(room.name)
        if known is None:
            known = room.head if from_now or room.kind == "public" else 0
            self._place.keep(room.name, known)
        read = threading.Thread(
            target=self._follow, args=(room.name, known), name=f"bot in {room.name}", daemon=True
        )
        self._reading[room.name] = read
        read.start()

    def _follow(self, room: str, since: int) -> None:
        try:
            for message in self._patiently(lambda: self.chat.messages(room, since)):
                with self._turn:
                    self._take(message)
        except ClientClosed:
            return
        except (NotAMember, NoSuchRoom):
            logger.info("The bot is no longer in %r.", room)
        except Exception as error:
            self._news.put(error)

    def _take(self, message: Message) -> None:
        wanted = self._wanted(message)
        if wanted is None:
            self._place.pass_by(message.room, message.seq)
            return
        self._patiently(lambda: self._handle(message, wanted))
        self._place.keep(message.room, message.seq)

    def _handle(self, message: Message, wanted: Addressed) -> None:
        """Call the functions. Raises an error only if the server cannot answer."""
        is_direct = self._kinds.get(message.room, False)
        event = BotEvent.of_message(self.chat, message, wanted.text, is_direct=is_direct)
        for handle in wanted.handle:
            try:
                _answer(handle, event)
            except (Unavailable, RateLimited):
                raise
            except Exception:
                logger.exception("The handler of message %s failed", _called(message))

    def _handle_call(self, call: CommandCall) -> None:
        """A slash command that this bot has taken: whoever typed it learns if it fails."""
        command = self._handlers.called(call.name)
        if command is None:
            return  # registered by an earlier version of the program
        event = BotEvent.of_call(self.chat, call)
        with self._turn:
            try:
                _answer(command.handle, event)
            except Exception:
                logger.exception("The handler of /%s failed", call.name)
                with contextlib.suppress(ChatError):
                    event.reply_privately(f"/{call.name} failed. The bot has noted why.")

    def _wanted(self, message: Message) -> Addressed | None:
        """The functions for a message; None if nobody has just written it to be answered."""
        written = message.text or message.files
        if not written or message.system or message.moved_from or message.forwarded:
            return None
        is_direct = self._kinds.get(message.room, False)
        wanted = self._handlers.of(message.text, me=self.chat.name or "", is_direct=is_direct)
        if wanted is None or (not self._answers_bots and self._is_bot(message)):
            return None
        return wanted

    def _is_bot(self, message: Message) -> bool:
        name = message.sender
        if (message.by or "").startswith("guest:"):
            return False
        if name not in self._roles:
            profiles = self._patiently(lambda: self.chat.people([name]))
            self._roles[name] = next((one.role for one in profiles), "guest")
        return self._roles[name] == "bot"


def _answer(handle: Handle, event: BotEvent) -> None:
    answer = handle(event)
    if isinstance(answer, str) and answer.strip():
        event.reply(answer)


def _called(message: Message) -> str:
    return f"{message.seq} of {message.room!r}"
