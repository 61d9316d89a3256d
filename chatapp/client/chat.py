"""The chat as a Python object.

A bot that answers, in five lines:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="echo") as chat:
        for message in chat.messages("general"):
            if message.text.startswith("!echo "):
                chat.send("general", message.text[6:])

A script that says one thing:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="backup") as chat:
        message = chat.send("general", "The backup is done.")
        print(f"It is number {message.seq} of the room.")

Reading what was said before:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="historian") as chat:
        for message in chat.history("general", limit=20).messages:
            print(message.at, message.sender, message.text)

Going on where the last run stopped, so that nothing is missed in between:

    from pathlib import Path
    from chatapp.client import ChatClient
    place = Path("last-seq")
    since = int(place.read_text()) if place.exists() else 0
    with ChatClient("http://localhost:8080", name="archivist") as chat:
        for message in chat.messages("general", since=since):
            print(message.seq, message.text)
            place.write_text(str(message.seq))

What goes wrong is drawn as one tree in `chatapp.client.errors`; `except ChatError` catches all.
"""

import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random, SystemRandom
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from chatapp.client.address import DEFAULT_URL, is_address
from chatapp.client.answers import Done, OneChange, OneRoom
from chatapp.client.hearing import Hearing
from chatapp.client.link import Link
from chatapp.client.messages import HistoryPage, Messages
from chatapp.client.news import News, Reloaded
from chatapp.client.outbox import Outbox
from chatapp.client.requests import Requests
from chatapp.errors import ChatError
from chatapp.limits import checked_name, checked_room_name, checked_text, name_key
from chatapp.model import Event, History, Message, RoomKind
from chatapp.wire import (
    Create,
    Delete,
    Edit,
    Join,
    Leave,
    React,
    ReadHistory,
    RoomInfo,
    Typing,
)

TIMEOUT_SECONDS = 30.0
RECONNECT_SECONDS = (1.0, 30.0)

logger = logging.getLogger(__name__)

A = TypeVar("A")


class ChatClient(Requests):
    """A person in a chat. Use it in a `with` statement: it connects there, and closes after.

    `name` is who you are, or `token` what proves it. `key` says that other clients with the
    same key are the same person; without one it is random, and the name is this client's own,
    also over lost connections. `on_event` is called with whatever happens besides messages
    (`chatapp.client.news`), on the client's reading thread: it may not wait, so it may not ask
    this client for anything. `timeout` seconds is how long methods wait for an answer, over
    lost connections and restarts of the server; then they raise `NotAcknowledged`, or
    `ConnectionFailed` where nothing could be sent.

    All methods may be called from any thread, also several at a time. An iterator of
    `messages` is for one thread at a time; there may be many of them.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        name: str | None = None,
        token: str | None = None,
        key: str | None = None,
        on_event: Callable[[News], None] | None = None,
        timeout: float = TIMEOUT_SECONDS,
        reconnect_seconds: tuple[float, float] = RECONNECT_SECONDS,
        random: Random | None = None,
    ) -> None:
        if name is None and token is None:
            raise ValueError("Say who you are: ChatClient(url, name=…) or token=….")
        if not is_address(url):
            raise ValueError(f"A chat is at an address such as {DEFAULT_URL}, not at {url!r}.")
        self.url = url.rstrip("/")
        self.name = None if name is None else checked_name(name)
        self._timeout = timeout
        self.on_event = on_event
        self._hearing = Hearing(self.url, tell=self._tell)
        self._link = Link(
            self.url,
            _auth(self.name, token, key),
            heard=self._hearing.heard,
            enter=self._hearing.join_again,
            changed=self._hearing.changed,
            ended=self._hearing.ended,
            reconnect_seconds=reconnect_seconds,
            random=random or SystemRandom(),
        )
        self._outbox = Outbox(self._link, mark=secrets.token_hex(8), posted=self._on_posted)

    def connect(self) -> Self:
        """Come in; raises `ConnectionFailed` or a refusal. A `with` statement does it for you."""
        self._link.open()
        return self

    def __enter__(self) -> Self:
        return self.connect()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave the chat. Iterators end; whoever waits for an answer gets `ClientClosed`."""
        self._link.close()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection now. Nothing needs to be done about it if there is not."""
        return self._link.is_connected

    @property
    def ended(self) -> ChatError | None:
        """Why the connection will not come back: `ClientClosed`, or a refusal. None: it will."""
        return self._link.over

    def send(
        self,
        room: str,
        text: str,
        reply_to: int | None = None,
        *,
        timeout: float | None = None,
        patient: bool = True,
    ) -> Message:
        """Say something in a room that you are in; returns when it is on the server's disk.

        A message that was sent and not answered is sent again, and stored once. Raises the
        `ChatError` of a refusal, and what the class says after `timeout` seconds (None: those
        of the client). When it comes too fast it waits for as long as the
        server says and tries again, unless it is not `patient`: then it raises `RateLimited`.
        """
        return self._outbox.send(
            checked_room_name(room),
            checked_text(text),
            reply_to,
            timeout=self._timeout if timeout is None else timeout,
            patient=patient,
        )

    def edit(self, room: str, seq: int, text: str) -> Event | None:
        """Give a message of yours another text. None if it has it already."""
        return self._change(
            "edit", Edit(room=checked_room_name(room), seq=seq, text=checked_text(text))
        )

    def delete(self, room: str, seq: int) -> Event | None:
        """Take the text of a message away. None if it is gone already."""
        return self._change("delete", Delete(room=checked_room_name(room), seq=seq))

    def react(self, room: str, seq: int, emoji: str, *, on: bool = True) -> Event | None:
        """Give a message an emoji, or take it back. None if that is so already."""
        return self._change(
            "react", React(room=checked_room_name(room), seq=seq, emoji=emoji, on=on)
        )

    def messages(self, room: str, since: int | None = None, *, own: bool = False) -> Messages:
        """Every later message of a room, exactly once and in order, for as long as you read.

        Later than now, or than the message number `since` (0: from the first). The room is
        joined. Messages under your own name are left out, whichever of your connections they
        came from, so that a bot does not answer itself, also not when it catches up after an
        absence; with `own` they are there.

        If the server's log was repaired or restored meanwhile, numbers cannot tell what is
        new; what is later than the last message is read from the history, and `Reloaded`
        is told to `on_event`.
        """
        reader = Messages(
            checked_room_name(room),
            ask=self._ask_for_ever,
            is_wanted=(lambda _: True) if own else self._is_of_another,
            reloaded=lambda room: self._tell(Reloaded(room)),
        )
        self._hearing.add(reader)
        info = self.join(reader.room)
        if since is not None and since > info.head:
            self._tell(Reloaded(info.name))
        seq = info.head if since is None else min(since, info.head)
        reader.start(epoch=info.epoch, seq=seq, head=info.head)
        return reader

    def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> History:
        """A page of a room's messages, oldest first: the newest, or those at a number or a moment.

        `since` has a time zone; `found` is the first message from then on.
        """
        query = ReadHistory(
            room=checked_room_name(room),
            before=before,
            after=after,
            around=around,
            since=since,
            limit=limit,
        )
        page = self._ask("history", query, HistoryPage)
        return History(
            messages=page.messages,
            more_before=page.more.before,
            more_after=page.more.after,
            found=page.found,
        )

    def join(self, room: str) -> RoomInfo:
        """Enter a room; it is entered again whenever the connection had been lost."""
        wanted = Join(room=checked_room_name(room))
        return self._ask("join", wanted, OneRoom, answered=self._hearing.joined).room

    def leave(self, room: str) -> None:
        """Leave a room. Iterators of its messages end."""
        left = checked_room_name(room)
        self._ask("leave", Leave(room=left), Done, answered=lambda _: self._hearing.left(left))

    def create(
        self,
        room: str = "",
        title: str | None = None,
        *,
        kind: RoomKind = "public",
        members: Iterable[str] = (),
    ) -> RoomInfo:
        """Make a room, and join it. A direct room has no name yet, but members.

        It is not asked for twice: after `NotAcknowledged`, look whether there is one.
        """
        wanted = Create(
            room=checked_room_name(room) if room else "",
            title=title,
            kind=kind,
            members=list(members),
        )
        return self._ask("create", wanted, OneRoom, again=False, answered=self._hearing.joined).room

    def talk_to(self, *names: str) -> RoomInfo:
        """The room where you talk with these alone; the same people always get the same one."""
        wanted = Create(kind="direct", members=list(names))
        return self._ask("create", wanted, OneRoom, answered=self._hearing.joined).room

    def members(self, room: str) -> list[str]:
        """The names of who is in a room, you among them: it is joined."""
        return self.join(room).members

    def typing(self, room: str) -> None:
        """Tell a room that you are writing; send it every three seconds while you are."""
        self._link.tell("typing", Typing(room=checked_room_name(room)))

    # Asking.

    def _change(self, event: str, payload: msgspec.Struct) -> Event | None:
        return self._ask(event, payload, OneChange, answered=self._on_change_made).event

    def _ask(self, event: str, payload: msgspec.Struct, answer: type[A], **options: Any) -> A:
        return self._link.ask(event, payload, answer, timeout=self._timeout, **options)

    def _ask_for_ever(self, event: str, payload: msgspec.Struct, answer: type[A]) -> A:
        return self._link.ask(event, payload, answer, timeout=None)

    # What comes of it.

    def _on_posted(self, message: Message) -> None:
        self.name = message.sender
        self._hearing.message(message)

    def _on_change_made(self, answer: OneChange) -> None:
        if answer.event is not None:
            self._hearing.message(answer.event)

    def _is_of_another(self, message: Message) -> bool:
        if self._outbox.is_from_here(message):
            return False
        return self.name is None or name_key(message.sender) != name_key(self.name)

    def _tell(self, news: News) -> None:
        if self.on_event is None:
            return
        try:
            self.on_event(news)
        except Exception:
            logger.exception("on_event failed with %r", news)


def _auth(name: str | None, token: str | None, key: str | None) -> dict[str, str]:
    if token is not None:
        return {"token": token}
    return {"name": name or "", "key": key or secrets.token_urlsafe(24)}
