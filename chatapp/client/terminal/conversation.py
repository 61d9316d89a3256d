"""The logic of `chatapp chat`, independent of its display.

There are three kinds of threads. The input thread puts lines into a queue and never waits. One
worker executes them in order; while the connection is lost it waits, and so do later lines. One
reader for each room shows its messages, including our own, in the order of the log. All of them
call `show`.
"""

import math
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from chatapp.client.chat import ChatClient
from chatapp.client.errors import ClientClosed
from chatapp.client.messages import Messages
from chatapp.client.news import (
    Changed,
    Connected,
    Disconnected,
    News,
    PeopleOutOfOffice,
    ProfileChanged,
    Reloaded,
    RoomChanged,
)
from chatapp.client.terminal.bot_commands.commands import BotCommands, answer_text, usages
from chatapp.client.terminal.commands import SAY, InputLine, help_text, parse
from chatapp.client.terminal.exits import in_words
from chatapp.client.terminal.file_commands import FileCommands
from chatapp.client.terminal.forwarding import ForwardCommands
from chatapp.client.terminal.known_rooms import KnownRooms
from chatapp.client.terminal.notifying.bell import Bell
from chatapp.client.terminal.notifying.commands import NotifyCommands
from chatapp.client.terminal.outages import Outages
from chatapp.client.terminal.own_emoji.commands import EmojiCommands
from chatapp.client.terminal.people_names import PeopleNames, presence_text
from chatapp.client.terminal.pin_commands import PinCommands
from chatapp.client.terminal.polls.commands import PollCommands
from chatapp.client.terminal.render import Transcript
from chatapp.client.terminal.saved_messages.commands import SavedCommands
from chatapp.client.terminal.scheduled.commands import ScheduledCommands, scheduled_line
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommands,
    message_number,
    several_names,
    thread_number,
)
from chatapp.client.terminal.statuses.commands import StatusCommands
from chatapp.client.terminal.statuses.lines import in_short, status_line
from chatapp.client.terminal.thread_commands import ThreadCommands
from chatapp.domain.clock import timestamp
from chatapp.domain.errors import BadPayload, ChatError, NotFound
from chatapp.domain.limits import MAX_HISTORY_LIMIT
from chatapp.domain.model import GENERAL, Message, RoomKind
from chatapp.domain.visible import visible
from chatapp.protocol.pushes import (
    Closing,
    CommandAnswer,
    PresenceChange,
    ReadOnlyMode,
    Reminder,
    Removed,
    ScheduledChange,
    Typing,
    WebhookOff,
)
from chatapp.protocol.values import (
    Notifications,
    PersonStatus,
    RoomInfo,
    RoomPrefs,
    Scheduled,
)
from chatapp.text.actions import ACTION

PAGE = 20
"""The number of messages shown when joining a room, and by /history."""
DUE = InputLine("due reminders", "")
"""Nobody can type this: it is done after each connection."""
SEND_TIMEOUT_SECONDS = 30 * 24 * 60 * 60.0
"""The timeout for a line: one that was typed while the connection is lost is sent later."""
QUIT_SECONDS = 3.0
"""Seconds that /quit waits for unsent lines."""
TYPING_SECONDS = 5.0
"""Seconds after which somebody is no longer shown as typing."""
TYPING_PAUSE_SECONDS = 3.0
"""Minimum interval between reports that we are typing."""


class Conversation:
    """One person's part in an open chat. A context manager.

    `show(text)` prints lines, `complain(text)` prints errors; `over` is called when the connection
    has ended permanently.
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
        ring: Callable[[], object] = lambda: None,
    ) -> None:
        self.room = room
        self.thread: int | None = None
        """The open thread, where typed texts go."""
        self.names: set[str] = set()
        self.outages = Outages(self._note)
        self.failure: ChatError | None = None
        self.people = PeopleNames(chat.people)
        self.rooms = KnownRooms(self.people, lambda: self.me, GENERAL, room)
        self.files = FileCommands(chat, timeout=SEND_TIMEOUT_SECONDS)
        threads = ThreadCommands(chat, self.rooms)
        self._saved = SavedCommands(chat, self.people, self.rooms)
        scheduled = ScheduledCommands(chat, self.rooms)
        self._bell = Bell(ring, lambda: self.me)
        notify = NotifyCommands(chat, self.rooms, self._bell)
        pins, statuses = PinCommands(chat, self.people), StatusCommands(chat)
        polls = PollCommands(chat, timeout=SEND_TIMEOUT_SECONDS)
        forwarding = ForwardCommands(chat, self.rooms)
        self.emoji = EmojiCommands(chat)
        self.bot_commands = BotCommands(chat)
        parts = (self.files, threads, forwarding, pins, self._saved, scheduled, statuses, polls)
        more = {
            name: command
            for part in (*parts, notify, self.emoji)
            for name, command in part.commands.items()
        }
        self._slash_commands = SlashCommands(chat, self.people, self.rooms, more)
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
        self._told_typing = -math.inf
        self._told_out: dict[str, PersonStatus] = {}
        self._webhooks_off: set[WebhookOff] = set()
        """Of whom it was said that they are out of office."""
        self._lines: queue.Queue[InputLine | None] = queue.Queue()
        self._worker = threading.Thread(target=self._work, name="chatapp-lines", daemon=True)

    def __enter__(self) -> Self:
        self._chat.on_event = self._on_news
        self._learn(self._chat.rooms())
        self.emoji.learn()
        self._enter_room(self.room)
        self._worker.start()
        return self

    def __exit__(self, _kind: object, error: object, _traceback: object) -> None:
        """Close the chat; returns when nothing more will be printed."""
        self._lines.put(None)
        self._worker.join(QUIT_SECONDS if error is None else 0)
        self._chat.close()
        self._worker.join()
        for reader in self._readers.values():
            reader.join()

    def enter(self, line: str) -> bool:
        """Queue a typed line. Returns False for /quit."""
        parsed = parse(line)
        if parsed.command == "quit":
            return False
        if parsed.command != SAY or parsed.rest.strip():
            self._lines.put(parsed)
        return True

    def finish(self) -> None:
        """Block until all typed lines were executed."""
        self._lines.put(None)
        self._worker.join()

    def typing(self) -> None:
        """Report that somebody is typing, at most every few seconds."""
        now = time.monotonic()
        if now - self._told_typing >= TYPING_PAUSE_SECONDS:
            self._told_typing = now
            self._chat.typing(self.room)

    @property
    def commands(self) -> list[str]:
        return [*self._navigation, *self._slash_commands, "quit"]

    @property
    def me(self) -> str:
        return self._chat.name or ""

    @property
    def waiting(self) -> int:
        """The number of lines that wait to be executed."""
        return self._lines.unfinished_tasks

    @property
    def typists(self) -> list[str]:
        """The people who are typing in this room."""
        since = time.monotonic() - TYPING_SECONDS
        return [
            name
            for (room, name), at in list(self._typists.items())
            if room == self.room and at > since
        ]

    # The worker thread

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._do(line)
            except ClientClosed as error:
                self.failure = error
                self._error(f"Not sent: {line.rest}")
            except ChatError as error:
                self._fail(error)
            except OSError as error:  # of a file to send, or of a new one
                self._fail(BadPayload(in_words(error)))
            finally:
                self._lines.task_done()

    def _do(self, line: InputLine) -> None:
        if line is DUE:
            self._bell.take(self._chat.notifications())
            self.emoji.learn()
            for said in self._saved.missed():
                self._note(said)
        elif line.command in self._navigation:
            self._navigation[line.command](line.rest)
        elif line.command in self._slash_commands:
            if said := self._slash_commands.do(line, self._context):
                self._note(said)
        else:
            self.bot_commands.run(line, self._context)

    @property
    def _navigation(self) -> dict[str, Callable[[str], None]]:
        """The commands that post, change the room, or show something."""
        return {
            SAY: self._say,
            "me": lambda rest: self._say(f"{ACTION}{rest}" if rest else ""),
            "join": self._enter_room,
            "leave": lambda rest: self._leave(rest or self.room),
            "create": lambda rest: self._create(rest, "public"),
            "private": lambda rest: self._create(rest, "private"),
            "dm": lambda rest: self._enter_room(self._chat.talk_to(*self._names(rest)).name),
            "rooms": lambda _: self._list_rooms(),
            "who": lambda _: self._who(),
            "history": self._show_earlier,
            "show": self._show_whole,
            "thread": self._open_thread,
            "help": lambda _: self._help(),
        }

    @property
    def _context(self) -> CommandContext:
        last, last_own = self._last.get(self.room), self._last_own.get(self.room)
        return CommandContext(self.room, last, last_own, self.thread)

    def _help(self) -> None:
        self._note(help_text(usages(self.bot_commands.offered(self.room))))

    def _say(self, text: str) -> None:
        self._chat.send(self.room, text, thread=self.thread, timeout=SEND_TIMEOUT_SECONDS)

    def _enter_room(self, name: str) -> None:
        info = self._chat.join(name)
        self.room = info.name
        self.thread = None
        self._learn([info])
        self.names.update(info.members)
        self._note(f"── {self.rooms.title(info)}, {info.count} here ──")
        if info.name not in self._readers or not self._readers[info.name].is_alive():
            self._start_reader(info.name)

    def _learn(self, rooms: list[RoomInfo]) -> None:
        self.rooms.learn(rooms)
        self._bell.learn(rooms)

    def _create(self, rest: str, kind: RoomKind) -> None:
        name, _, title = rest.partition(" ")
        self._enter_room(self._chat.create(name, title.strip() or None, kind=kind).name)

    def _names(self, rest: str) -> list[str]:
        return several_names(rest, self._chat.people)

    def _leave(self, name: str) -> None:
        self._chat.leave(name)
        self._note(f"You left {self.rooms.shown(name)}.")
        if name in self._readers:
            self._readers.pop(name).join()
            self._oldest.pop(name, None)
        if name == self.room and name != GENERAL:
            self._enter_room(GENERAL)

    def _list_rooms(self) -> None:
        rooms = self._chat.rooms()
        self._learn(rooms)
        for room in rooms:
            unread = f"  {room.unread} unread" if room.unread else ""
            what = self.rooms.shown(room.name) if room.kind == "direct" else room.title
            self._note(f"{self.rooms.join_command(room.name)}  {what}{unread}")

    def _show_whole(self, rest: str) -> None:
        seq, _ = message_number(rest, self._context.last)
        message = self._message(seq)
        shown = self.people.signed(message.sender)
        self._show(self._transcript.message(message, shown=shown, whole=True))

    def _message(self, seq: int) -> Message:
        for message in self._chat.history(self.room, around=seq, limit=1).messages:
            if message.seq == seq:
                return message
        raise NotFound(f"There is no message #{seq} here.")

    def _open_thread(self, rest: str) -> None:
        """Show the thread that a message begins or is in; from then on, texts go there."""
        if not rest:
            self._note("You write to the room." if self.thread else "No thread is open.")
            self.thread = None
            return
        seq = thread_number(rest)
        root = self._message(seq)
        if root.thread is not None:
            root = self._message(root.thread)
        page = self._chat.history(self.room, thread=root.seq, limit=PAGE)
        self.people.learn(message.sender for message in [root, *page.messages])
        self._note(f"── thread #{root.seq}; /thread leaves it ──")
        for message in [root, *page.messages]:
            shown = self.people.signed(message.sender)
            self._show(self._transcript.message(message, shown=shown))
        if page.more_before:
            self._note(f"Only the last {PAGE} replies are shown.")
        self.thread = root.seq

    def _who(self) -> None:
        info = self._chat.join(self.room)
        self.names.update(info.members)
        self.people.learn(info.members)
        here = [self._with_state(name, info.states.get(name)) for name in info.members]
        more = f" and {info.count - len(here):,} more" if info.count > len(here) else ""
        self._note(f"{info.count:,} here: {', '.join(here)}{more}")
        now = datetime.now(UTC)
        for profile in self._chat.people_of(self.room):
            self.people.hear(profile)
            self._note(self._with_state(profile.name, presence_text(profile, now)))

    def _with_state(self, name: str, state: str | None) -> str:
        """`Ana (@ana) 🌴 Vacation, away`"""
        status = in_short(self.people.status(name), timestamp(datetime.now(UTC)))
        who = " ".join(filter(None, [self.people.with_name(name), status]))
        return f"{who}, {state}" if state else who

    def _show_earlier(self, count: str) -> None:
        limit = int(count) if count.isascii() and count.isdigit() else PAGE
        before = self._oldest.get(self.room)
        page = self._chat.history(
            self.room, before=before, limit=max(1, min(limit, MAX_HISTORY_LIMIT))
        )
        if not page.messages:
            self._note("There are no earlier messages.")
            return
        self._note("── earlier ──")
        self._show_all(page.messages)
        self._note("── end of earlier messages ──")

    # The reader threads

    def _start_reader(self, room: str) -> None:
        """Print the last page of a room, then its new messages."""
        page = self._chat.history(room, limit=PAGE)
        self._show_all(page.messages)
        messages = self._chat.messages(
            room, since=page.messages[-1].seq if page.messages else 0, own=True
        )
        self._readers[room] = threading.Thread(
            target=self._show_new, args=(messages,), name=f"chatapp-{room}", daemon=True
        )
        self._readers[room].start()

    def _show_new(self, messages: Messages) -> None:
        try:
            for message in messages:
                self._typists.pop((message.room, self.people.shown(message.sender)), None)
                self._show_message(message)
                if not self._chat.is_own(message):
                    self._bell.hear(message)
        except ChatError as error:
            self._fail(error)
            if self._chat.ended is not None:
                self._over()

    def _show_all(self, messages: list[Message]) -> None:
        self.people.learn(message.sender for message in messages)
        for message in messages:
            self._show_message(message)
        if messages:
            room = messages[0].room
            self._oldest[room] = min(messages[0].seq, self._oldest.get(room, messages[0].seq))

    def _show_message(self, message: Message) -> None:
        self.names.add(message.sender)
        self.people.learn([message.sender])
        self._remember(message)
        elsewhere = self.rooms.shown(message.room) if message.room != self.room else None
        shown = self.people.signed(message.sender)
        self._show(self._transcript.message(message, elsewhere, shown))

    def _remember(self, message: Message) -> None:
        """Remember the messages to which commands without a number refer."""
        kept = [self._last, self._last_own] if self._chat.is_own(message) else [self._last]
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

    # Events on the connection's own thread

    def _on_news(self, news: News) -> None:
        self.emoji.hear(news)
        match news:
            case Connected() | Disconnected() | Closing() | ReadOnlyMode():
                self._on_connection(news)
            case PresenceChange():
                self._on_presence(news)
            case Typing(room, name):
                self._typists[room, self.people.shown(name)] = time.monotonic()
            case ProfileChanged() | PeopleOutOfOffice():
                self._on_profiles(news)
            case RoomChanged(room):
                is_new = room.name not in self.rooms
                self.rooms.hear(room)
                if is_new:
                    what = self.rooms.shown(room.name) if room.kind == "direct" else room.title
                    self._note(f"New room: {what}. {self.rooms.join_command(room.name)}")
            case Notifications() | RoomPrefs():
                self._bell.chosen(news)
            case Removed(name):
                self.rooms.forget(name)
            case ScheduledChange(gone="refused", scheduled=Scheduled() as kept):
                self._note(f"Not sent: {scheduled_line(kept, self.rooms.shown(kept.room))}")
            case Changed(event) if event.room == self.room and event.previews is None:
                self._show(self._transcript.change(event, self.people.shown(event.sender)))
            case Reminder() | CommandAnswer() | WebhookOff():
                self._on_notice(news)
            case Reloaded(room):
                where = self.rooms.shown(room)
                self._note(f"The log of {where} has changed; something may be missing here.")

    def _on_notice(self, news: Reminder | CommandAnswer | WebhookOff) -> None:
        """A webhook that is off is told at each new connection, and said once."""
        if not isinstance(news, WebhookOff):
            self._note(self._told_in_private(news))
        elif news not in self._webhooks_off:
            self._webhooks_off.add(news)
            self._note(f"Webhook {visible(news.title)} was switched off: {visible(news.problem)}")

    def _on_connection(self, news: Connected | Disconnected | Closing | ReadOnlyMode) -> None:
        match news:
            case Connected():
                self.outages.hear(news)
                self.people.forget()
                self._lines.put(DUE)
            case Disconnected():
                self.outages.hear(news)
            case Closing() | ReadOnlyMode():
                self._note(_server_notice(news))

    def _told_in_private(self, news: Reminder | CommandAnswer) -> str:
        if isinstance(news, Reminder):
            return self._saved.told(news)
        where = self.rooms.shown(news.room) if news.room != self.room else None
        return answer_text(news, self.people.shown(news.sender), where)

    def _on_profiles(self, news: ProfileChanged | PeopleOutOfOffice) -> None:
        """That somebody is out of office is said once, not with each message to them."""
        if isinstance(news, ProfileChanged):
            self.people.hear(news.profile)
            return
        for profile in news.people:
            if self._told_out.get(profile.name) != profile.status and profile.status:
                self._told_out[profile.name] = profile.status
                who = profile.display_name or profile.name
                self._note(f"{visible(who)}: {status_line(profile.status)}")

    def _on_presence(self, news: PresenceChange) -> None:
        self.names.update(news.joined)
        joined = [name for name in news.joined if name != self.me]
        if news.room == self.room and joined:
            self._note(f"{', '.join(map(self.people.shown, joined))} joined.")
        if news.room == self.room and news.left:
            self._note(f"{', '.join(map(self.people.shown, news.left))} left.")


def _server_notice(news: Closing | ReadOnlyMode) -> str:
    if isinstance(news, Closing):
        return f"The server closed the connection: {news.reason}"
    if news.on:
        return news.reason or "Sending is paused; reading still works."
    return "You can send messages again."
