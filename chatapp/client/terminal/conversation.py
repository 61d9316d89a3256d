"""What goes on in `chatapp chat`, whatever it looks like.

Three kinds of threads. The one that types puts lines into a queue, and never waits. One worker
does what they say, in order; while the connection is away it waits, and the lines behind it.
One reader a room shows what is said there, our own lines too, when and where the log has them.
`show` is called from all of them.
"""

import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from chatapp.client.chat import ChatClient
from chatapp.client.errors import ClientClosed
from chatapp.client.messages import Messages
from chatapp.client.news import (
    Changed,
    Closing,
    Connected,
    Disconnected,
    News,
    Presence,
    ProfileChanged,
    ReadOnlyMode,
    Reloaded,
    Removed,
    RoomChanged,
    Typing,
)
from chatapp.client.terminal.acts import Acts, Scene, only_name
from chatapp.client.terminal.commands import SAY, Line, help_text, parse
from chatapp.client.terminal.company import Company, whereabouts
from chatapp.client.terminal.outages import Outages
from chatapp.client.terminal.render import Transcript
from chatapp.errors import ChatError
from chatapp.limits import MAX_HISTORY_LIMIT
from chatapp.model import GENERAL, Message, RoomKind
from chatapp.wire import RoomInfo

PAGE = 20
"""So many messages are shown when a room is entered, and by /history."""
UNHURRIED_SECONDS = 30 * 24 * 60 * 60.0
"""A line that was typed while the connection was away is sent when it is back."""
GOODBYE_SECONDS = 3.0
"""So long /quit waits for lines that are not sent yet."""
TYPING_SECONDS = 5.0
"""So long somebody is shown as typing."""
TYPING_PAUSE_SECONDS = 3.0
"""So often a room is told that we are."""


class Conversation:
    """One person's part in a chat that is open. A context manager.

    `show(text)` puts lines on the screen, `complain(text)` what went wrong; `over` is called when
    the connection will not come back.
    """

    def __init__(
        self,
        chat: ChatClient,
        room: str,
        transcript: Transcript,
        *,
        show: Callable[[str], None],
        complain: Callable[[str], None],
        over: Callable[[], None],
    ) -> None:
        self.room = room
        self.rooms: set[str] = {GENERAL, room}
        self.names: set[str] = set()
        self.outages = Outages(self._note)
        self.failure: ChatError | None = None
        self.company = Company(chat.people)
        self._acts = Acts(chat, self.company)
        self._last: dict[str, Message] = {}
        self._last_own: dict[str, Message] = {}
        self._chat = chat
        self._transcript = transcript
        self._show = show
        self._complain = complain
        self._over = over
        self._readers: dict[str, threading.Thread] = {}
        self._oldest: dict[str, int] = {}
        self._typists: dict[tuple[str, str], float] = {}
        self._told_typing = 0.0
        self._lines: queue.Queue[Line | None] = queue.Queue()
        self._worker = threading.Thread(target=self._work, name="chatapp-lines", daemon=True)

    def __enter__(self) -> Self:
        self._chat.on_event = self._on_news
        self.rooms |= {room.name for room in self._chat.rooms()}
        self._enter_room(self.room)
        self._worker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Closes the chat, and returns when nothing is shown any more."""
        self._lines.put(None)
        self._worker.join(GOODBYE_SECONDS if error is None else 0)
        self._chat.close()
        self._worker.join()
        for reader in self._readers.values():
            reader.join()

    def enter(self, line: str) -> bool:
        """A line was typed: it will be done. False when there is nothing more to type."""
        parsed = parse(line)
        if parsed.command == "quit":
            return False
        if parsed.command != SAY or parsed.rest.strip():
            self._lines.put(parsed)
        return True

    def finish(self) -> None:
        """Returns when all lines that were typed are done."""
        self._lines.put(None)
        self._worker.join()

    def typing(self) -> None:
        """Something is being typed; the room is told now and then."""
        now = time.monotonic()
        if now - self._told_typing >= TYPING_PAUSE_SECONDS:
            self._told_typing = now
            self._chat.typing(self.room)

    @property
    def commands(self) -> list[str]:
        """All that a line may be."""
        return [*self._moves, *self._acts, "quit"]

    @property
    def me(self) -> str:
        return self._chat.name or ""

    @property
    def waiting(self) -> int:
        """How many lines are not done yet."""
        return self._lines.unfinished_tasks

    @property
    def typists(self) -> list[str]:
        """Who types in this room just now."""
        since = time.monotonic() - TYPING_SECONDS
        return [
            name
            for (room, name), at in list(self._typists.items())
            if room == self.room and at > since
        ]

    # What the worker does.

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._do(line)
            except ClientClosed:
                self._error(f"Not sent: {line.rest}")
            except ChatError as error:
                self._fail(error)
            finally:
                self._lines.task_done()

    def _do(self, line: Line) -> None:
        if line.command in self._moves:
            self._moves[line.command](line.rest)
        elif line.command in self._acts:
            if said := self._acts.do(line, self._scene):
                self._note(said)
        else:
            self._error(
                f"There is no /{line.command}; /help lists what there is. "
                f"To say it, write //{line.command}."
            )

    @property
    def _moves(self) -> dict[str, Callable[[str], None]]:
        """The commands that say something, go somewhere, or show what there is."""
        return {
            SAY: self._say,
            "me": lambda rest: self._say(f"_{rest}_" if rest else ""),
            "join": self._enter_room,
            "leave": lambda rest: self._leave(rest or self.room),
            "create": lambda rest: self._create(rest, "public"),
            "private": lambda rest: self._create(rest, "private"),
            "dm": lambda rest: self._enter_room(self._chat.talk_to(only_name(rest)).name),
            "rooms": lambda _: self._note("\n".join(map(room_line, self._chat.rooms()))),
            "who": lambda _: self._who(),
            "history": self._earlier,
            "help": lambda _: self._note(help_text()),
        }

    @property
    def _scene(self) -> Scene:
        return Scene(self.room, self._last.get(self.room), self._last_own.get(self.room))

    def _say(self, text: str) -> None:
        self._chat.send(self.room, text, timeout=UNHURRIED_SECONDS)

    def _enter_room(self, name: str) -> None:
        info = self._chat.join(name)
        self.room = info.name
        self.rooms.add(info.name)
        self.names.update(info.members)
        self._note(f"── {info.title} ({info.name}), {info.count} here ──")
        if info.name not in self._readers or not self._readers[info.name].is_alive():
            self._read(info.name)

    def _create(self, rest: str, kind: RoomKind) -> None:
        name, _, title = rest.partition(" ")
        self._enter_room(self._chat.create(name, title.strip() or None, kind=kind).name)

    def _leave(self, name: str) -> None:
        self._chat.leave(name)
        self._note(f"You left {name}.")
        if name in self._readers:
            self._readers.pop(name).join()
            self._oldest.pop(name, None)
        if name == self.room and name != GENERAL:
            self._enter_room(GENERAL)

    def _who(self) -> None:
        info = self._chat.join(self.room)
        self.names.update(info.members)
        self.company.learn(info.members)
        here = [self._with_state(name, info.states.get(name)) for name in info.members]
        self._note(f"{len(here)} here: {', '.join(here)}")
        now = datetime.now(UTC)
        for profile in self._chat.people_of(self.room):
            self.company.hear(profile)
            self._note(f"{self.company.both(profile.name)}, {whereabouts(profile, now)}")

    def _with_state(self, name: str, state: str | None) -> str:
        who = self.company.both(name)
        return f"{who}, {state}" if state else who

    def _earlier(self, count: str) -> None:
        limit = int(count) if count.isascii() and count.isdigit() else PAGE
        before = self._oldest.get(self.room)
        page = self._chat.history(
            self.room, before=before, limit=max(1, min(limit, MAX_HISTORY_LIMIT))
        )
        if not page.messages:
            self._note("There is nothing before that.")
            return
        self._note("── earlier ──")
        self._show_all(page.messages)
        self._note("── until then ──")

    # What the readers do.

    def _read(self, room: str) -> None:
        """Show the last page of a room, and from then on what is said there."""
        page = self._chat.history(room, limit=PAGE)
        self._show_all(page.messages)
        messages = self._chat.messages(
            room, since=page.messages[-1].seq if page.messages else 0, own=True
        )
        self._readers[room] = threading.Thread(
            target=self._show_coming, args=(messages,), name=f"chatapp-{room}", daemon=True
        )
        self._readers[room].start()

    def _show_coming(self, messages: Messages) -> None:
        try:
            for message in messages:
                self._typists.pop((message.room, self.company.shown(message.sender)), None)
                self._show_message(message)
        except ChatError as error:
            self._fail(error)
            if self._chat.ended is not None:
                self._over()

    def _show_all(self, messages: list[Message]) -> None:
        self.company.learn(message.sender for message in messages)
        for message in messages:
            self._show_message(message)
        if messages:
            room = messages[0].room
            self._oldest[room] = min(messages[0].seq, self._oldest.get(room, messages[0].seq))

    def _show_message(self, message: Message) -> None:
        self.names.add(message.sender)
        self.company.learn([message.sender])
        self._keep_last(message)
        elsewhere = message.room if message.room != self.room else None
        shown = self.company.shown(message.sender)
        self._show(self._transcript.message(message, elsewhere, shown))

    def _keep_last(self, message: Message) -> None:
        """What is meant by a command that does not say which message it means."""
        kept = [self._last, self._last_own] if message.sender == self.me else [self._last]
        for last in kept:
            known = last.get(message.room)
            if known is None or message.seq > known.seq:
                last[message.room] = message

    def _note(self, text: str) -> None:
        self._show(self._transcript.note(text))

    def _fail(self, error: ChatError) -> None:
        self.failure = error
        self._error(error.message)

    def _error(self, text: str) -> None:
        self._complain(self._transcript.error(text))

    # What else is heard, on the connection's own thread.

    def _on_news(self, news: News) -> None:
        match news:
            case Connected() | Disconnected() | Closing() | ReadOnlyMode():
                self._on_connection(news)
            case Presence():
                self._on_presence(news)
            case Typing(room, name):
                self._typists[room, self.company.shown(name)] = time.monotonic()
            case ProfileChanged(profile):
                self.company.hear(profile)
            case RoomChanged(room):
                if room.name not in self.rooms:
                    self._note(f"There is a new room: {room.title}. /join {room.name}")
                self.rooms.add(room.name)
            case Removed(name):
                self.rooms.discard(name)
            case Changed(event) if event.room == self.room:
                self._show(self._transcript.change(event, self.company.shown(event.sender)))
            case Reloaded(room):
                self._note(f"The log of {room} has changed; something may be missing here.")

    def _on_connection(self, news: Connected | Disconnected | Closing | ReadOnlyMode) -> None:
        match news:
            case Connected():
                self.outages.hear(news)
                self.company.forget()
            case Disconnected():
                self.outages.hear(news)
            case Closing() | ReadOnlyMode():
                self._note(_of_the_server(news))

    def _on_presence(self, news: Presence) -> None:
        self.names.update(news.joined)
        joined = [name for name in news.joined if name != self.me]
        if news.room == self.room and joined:
            self._note(f"{', '.join(map(self.company.shown, joined))} came.")
        if news.room == self.room and news.left:
            self._note(f"{', '.join(map(self.company.shown, news.left))} left.")


def _of_the_server(news: Closing | ReadOnlyMode) -> str:
    if isinstance(news, Closing):
        return f"The server closes the connection: {news.reason}"
    if news.on:
        return news.reason or "Nothing new is taken for a while; reading works."
    return "New messages are taken again."


def room_line(room: RoomInfo) -> str:
    """A room in the list of /rooms."""
    unread = f"  {room.unread} unread" if room.unread else ""
    return f"{room.name}  {room.title}{unread}"
