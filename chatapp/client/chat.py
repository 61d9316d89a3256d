"""The chat as a Python object.

A bot that answers, in five lines:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="echo") as chat:
        for message in chat.messages("general"):
            if message.text.startswith("!echo "):
                chat.send("general", message.text[6:])

A script that posts one message:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="backup") as chat:
        message = chat.send("general", "The backup is done.")
        print(f"It is number {message.seq} of the room.")

Reading the history:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="historian") as chat:
        for message in chat.history("general", limit=20).messages:
            print(message.at, message.sender, message.text)

Continuing where the last run stopped, without missing a message:

    from pathlib import Path
    from chatapp.client import ChatClient
    place = Path("last-seq")
    since = int(place.read_text()) if place.exists() else 0
    with ChatClient("http://localhost:8080", name="archivist") as chat:
        for message in chat.messages("general", since=since):
            print(message.seq, message.text)
            place.write_text(str(message.seq))

Sending a file, and answering in the thread of the message:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="planner") as chat:
        plan = chat.send("general", files=["plan.txt"], alt="The plan for Monday")
        chat.send("general", "Who can come?", thread=plan.seq)

Downloading the files of a room into a folder:

    from chatapp.client import ChatClient
    with ChatClient("http://localhost:8080", name="librarian") as chat:
        for message in chat.history("general", limit=200).messages:
            for file in message.files or ():
                print(chat.download(file, "downloads"), file.bytes)

`chatapp.client.errors` shows all errors as a tree; `except ChatError` catches all of them.
"""

import logging
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random, SystemRandom
from typing import Any, Self, TypeVar

from msgspec import UNSET

from chatapp.client.address import DEFAULT_URL, is_address
from chatapp.client.event_router import EventRouter
from chatapp.client.files.downloads import Sink
from chatapp.client.files.sources import FileSource
from chatapp.client.files.transfers import Transfers, attached
from chatapp.client.files.uploads import OnProgress, no_progress
from chatapp.client.messages import Messages
from chatapp.client.news import News, PeopleOutOfOffice, Reloaded
from chatapp.client.outbox import Outbox
from chatapp.client.reconnection import ReconnectingConnection, reconnect_delays
from chatapp.client.requests import Requests
from chatapp.domain.errors import ChatError
from chatapp.domain.limits import (
    MAX_PEOPLE_AT_ONCE,
    checked_cid,
    checked_emoji_name,
    checked_name,
    checked_room_name,
    checked_text,
    name_key,
)
from chatapp.domain.model import Event, FileInfo, History, Message, RoomKind
from chatapp.protocol import events
from chatapp.protocol.answers import ChangedMessage, PostedMessage
from chatapp.protocol.events import ClientEvent
from chatapp.protocol.requests import (
    AddEmoji,
    ChangePhoto,
    ClosePoll,
    Create,
    Delete,
    Edit,
    HidePreviews,
    Join,
    Leave,
    ListPeople,
    NewPoll,
    Post,
    React,
    ReadHistory,
    ReportTyping,
    Schedule,
    Vote,
)
from chatapp.protocol.values import CustomEmoji, Profile, RoomInfo, Scheduled

TIMEOUT_SECONDS = 30.0
RECONNECT_SECONDS = (1.0, 30.0)

logger = logging.getLogger(__name__)

P = TypeVar("P")
A = TypeVar("A")


class ChatClient(Requests):
    """A person in a chat. Use it in a `with` statement, which connects and disconnects.

    Identify yourself by `name`, or by the `token` of an account. Clients with the same `key` are
    the same person; without one it is random, and reserves the name for this client, also across
    reconnections. `on_event` is called with everything except messages (`chatapp.client.news`), on
    the client's reading thread: it must not block, and must not call the server. `timeout` is how
    many seconds methods wait for an answer, across reconnections and restarts of the server; then
    they raise `NotAcknowledged`, or `ConnectionFailed` if nothing could be sent.

    All methods can be called from any thread, also at the same time. Each iterator of `messages` is
    for one thread; there can be many of them.
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
            raise ValueError("Give a name or a token: ChatClient(url, name=…) or token=….")
        if not is_address(url):
            raise ValueError(f"{url!r} is not the address of a chat, such as {DEFAULT_URL}.")
        self.url = url.rstrip("/")
        self.name = None if name is None else checked_name(name)
        self.id: str | None = None
        self._timeout = timeout
        self.on_event = on_event
        self._router = EventRouter(self.url, tell=self._tell)
        auth = _auth(self.name, token, key)
        random = random or SystemRandom()
        self._link = ReconnectingConnection(
            self.url,
            auth,
            heard=self._router.heard,
            enter=self._router.rejoin,
            changed=self._router.changed,
            ended=self._router.ended,
            reconnect_seconds=reconnect_seconds,
            random=random,
        )
        self._transfers = Transfers(
            self.url, auth, lambda: reconnect_delays(*reconnect_seconds, random)
        )
        self._outbox = Outbox(self._link, mark=secrets.token_hex(8), posted=self._on_posted)

    def connect(self) -> Self:
        """Connect; raises `ConnectionFailed` or a refusal. A `with` statement does this for you."""
        self._link.open()
        return self

    def __enter__(self) -> Self:
        return self.connect()

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect. Iterators end; calls that wait for an answer raise `ClientClosed`."""
        self._transfers.close()
        self._link.close()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection now. If not, the client reconnects by itself."""
        return self._link.is_connected

    @property
    def ended(self) -> ChatError | None:
        """The reason why the client will not reconnect: `ClientClosed`, or a refusal. None if it
        will."""
        return self._link.over

    def send(
        self,
        room: str,
        text: str = "",
        reply_to: int | None = None,
        *,
        files: Iterable[FileSource | FileInfo] = (),
        alt: str | Sequence[str] = (),
        thread: int | None = None,
        also_to_room: bool = False,
        progress: OnProgress = no_progress,
        timeout: float | None = None,
        patient: bool = True,
        cid: str | None = None,
    ) -> Message:
        """Post a message to a room that you have joined; returns when it is on the server's disk.

        `files` are uploaded first (see `upload`), and `alt` describes them, in their order, for
        people who do not see them; the text may be empty then. `thread` is the number of the
        message whose thread it goes into; with `also_to_room`, it is shown in the room as well.

        A message without an answer is sent again, and stored only once. Raises the `ChatError` of a
        refusal, or the errors of a timeout (see the class) after `timeout` seconds (None: the
        client's). If it exceeds the rate limit, it waits as long as the server says and tries
        again; if not `patient`, it raises `RateLimited`. A `cid` of your own (up to 64 characters)
        does that across runs of a program: with the same one, the room gets one message from you,
        and you get that one back.
        """
        sent = self._upload(files, timeout, progress)
        post = Post(
            room=checked_room_name(room),
            text=checked_text(text) if text.strip() or not sent else "",
            reply_to=reply_to,
            thread=thread,
            also_to_room=also_to_room,
            files=attached(sent, [alt] if isinstance(alt, str) else alt),
            cid=None if cid is None else checked_cid(cid),
        )
        return self._outbox.send(post, timeout=self._or_default(timeout), patient=patient)

    def poll(
        self,
        room: str,
        question: str,
        options: Sequence[str],
        *,
        multiple: bool = False,
        anonymous: bool = False,
        hidden: bool = False,
        closes_at: datetime | None = None,
        reply_to: int | None = None,
        thread: int | None = None,
        also_to_room: bool = False,
        timeout: float | None = None,
        patient: bool = True,
        cid: str | None = None,
    ) -> Message:
        """Post a poll with 2 to 10 options, as `send` posts a message.

        With `multiple`, people can choose several options. In an `anonymous` poll, nobody learns
        who has voted; in a `hidden` one, nobody what was chosen until it is closed: by itself at
        `closes_at`, which needs a time zone, or with `close_poll`.
        """
        poll = NewPoll(
            question=question,
            options=list(options),
            multiple=multiple,
            anonymous=anonymous,
            hidden=hidden,
            closes_at=closes_at,
        )
        post = Post(
            room=checked_room_name(room),
            reply_to=reply_to,
            thread=thread,
            also_to_room=also_to_room,
            poll=poll,
            cid=None if cid is None else checked_cid(cid),
        )
        return self._outbox.send(post, timeout=self._or_default(timeout), patient=patient)

    # Files

    def schedule(
        self,
        room: str,
        text: str = "",
        reply_to: int | None = None,
        *,
        at: datetime,
        files: Iterable[FileSource | FileInfo] = (),
        alt: str | Sequence[str] = (),
        thread: int | None = None,
        also_to_room: bool = False,
        progress: OnProgress = no_progress,
    ) -> Scheduled:
        """Write a message that the server sends at a time, which needs a time zone; for people
        with an account. As for `send`, you have joined the room. See `scheduled`, `reschedule` and
        `unschedule`.

        The request is not repeated: after `NotAcknowledged`, look at `scheduled`.
        """
        sent = self._upload(files, None, progress)
        wanted = Schedule(
            at=at,
            room=checked_room_name(room),
            text=checked_text(text) if text.strip() or not sent else "",
            reply_to=reply_to,
            thread=thread,
            also_to_room=also_to_room,
            files=attached(sent, [alt] if isinstance(alt, str) else alt),
        )
        return self._ask(events.SCHEDULE, wanted, again=False).scheduled

    def upload(
        self,
        file: FileSource,
        *,
        progress: OnProgress = no_progress,
        timeout: float | None = None,
    ) -> FileInfo:
        """Upload a file, for `send(files=[…])` within a day.

        It is a path, a name and its bytes, or an open binary file. It is read from the disk while
        it is sent, and goes on where a lost connection has left it, until nothing has moved on for
        `timeout` seconds (None: the client's). `progress(name, done, size)` is told the bytes.
        Raises the `ChatError` of a refusal, or the `OSError` of a file that cannot be read.
        """
        [sent] = self._upload([file], timeout, progress)
        return sent

    def download(
        self,
        file: FileInfo,
        to: str | os.PathLike[str] | Sink = ".",
        *,
        overwrite: bool = False,
        progress: OnProgress = no_progress,
        timeout: float | None = None,
    ) -> Path | None:
        """Download a file of a message; returns where it is.

        `to` is a folder, where it gets its name without anything that could lead elsewhere; or the
        path of the new file; or something with `write(bytes)`, which gets the bytes. Nothing is
        overwritten unless you say so: `FileExistsError`. A download goes on after a lost
        connection, and after an earlier one that was not completed. The bytes are compared with
        the file's SHA-256: `WrongContent`.
        """
        return self._transfers.download(
            file,
            to,
            overwrite=overwrite,
            timeout=self._or_default(timeout),
            progress=progress,
        )

    def add_emoji(
        self, name: str, picture: FileSource | FileInfo, aliases: Iterable[str] = ()
    ) -> CustomEmoji:
        """Add an emoji of the chat's own, `:name:`. The picture is uploaded first: a PNG, JPEG, GIF
        or WebP of at most 256 KB, of which the server makes a smaller one.

        The request is not repeated: after `NotAcknowledged`, look at `emoji`.
        """
        name = checked_emoji_name(name)
        [sent] = self._upload([picture], None, no_progress)
        wanted = AddEmoji(name=name, file=sent.id, aliases=list(aliases))
        return self._ask(events.ADD_EMOJI, wanted, again=False).emoji

    def photo(self, picture: FileSource | FileInfo | None) -> Profile:
        """Show yourself by this picture, or with None by the letter of your name. It is uploaded
        first: a PNG, JPEG, GIF or WebP of at most 10 MB, of which the server keeps the middle, as
        a small square."""
        file = self._upload([picture], None, no_progress)[0].id if picture is not None else ""
        return self._ask(events.PHOTO, ChangePhoto(file=file), again=False).profile

    def file(self, id: str) -> FileInfo:
        """A file that you uploaded, or of a message that you can read."""
        return self._transfers.info(id)

    def address_of(self, file: FileInfo) -> str:
        """The address of a file's bytes, for a browser that is signed in."""
        return self._transfers.address_of(file)

    def _upload(
        self, files: Iterable[FileSource | FileInfo], timeout: float | None, progress: OnProgress
    ) -> list[FileInfo]:
        return self._transfers.upload(files, self._or_default(timeout), progress)

    def _or_default(self, timeout: float | None) -> float:
        return self._timeout if timeout is None else timeout

    # Messages

    def edit(self, room: str, seq: int, text: str) -> Event | None:
        """Change the text of your own message. None if it already has this text."""
        return self._change(
            events.EDIT, Edit(room=checked_room_name(room), seq=seq, text=checked_text(text))
        )

    def delete(self, room: str, seq: int) -> Event | None:
        """Delete a message. None if it is already deleted."""
        return self._change(events.DELETE, Delete(room=checked_room_name(room), seq=seq))

    def react(self, room: str, seq: int, emoji: str, *, on: bool = True) -> Event | None:
        """Add or remove a reaction. None if nothing changed."""
        return self._change(
            events.REACT, React(room=checked_room_name(room), seq=seq, emoji=emoji, on=on)
        )

    def vote(self, room: str, seq: int, options: Iterable[int]) -> Event | None:
        """Vote in a poll, instead of how you voted before: options count from 0, and none withdraws
        your vote. None if nothing changed."""
        return self._change(
            events.VOTE, Vote(room=checked_room_name(room), seq=seq, options=list(options))
        )

    def close_poll(self, room: str, seq: int) -> Event | None:
        """Close your own poll or, as an admin, any. None if it is closed already."""
        return self._change(events.CLOSE_POLL, ClosePoll(room=checked_room_name(room), seq=seq))

    def hide_previews(self, room: str, seq: int) -> Event | None:
        """Remove the previews of a message's links. None if it has none."""
        return self._change(
            events.HIDE_PREVIEWS, HidePreviews(room=checked_room_name(room), seq=seq)
        )

    def messages(self, room: str, since: int | None = None, *, own: bool = False) -> Messages:
        """Every later message of a room, exactly once and in order, for as long as you read.

        Later than now, or than the message number `since` (0: from the first). Joins the room.
        Messages under your own name are skipped, from all your connections, so that a bot does not
        answer itself, even when it catches up; with `own` they are included.

        If the server's log was repaired or restored meanwhile, numbers cannot tell which messages
        are new; messages later than the last one are read from the history, and `on_event` gets
        `Reloaded`.
        """
        reader = Messages(
            checked_room_name(room),
            ask=self._ask_until_answered,
            is_wanted=(lambda _: True) if own else self._is_not_own,
            reloaded=lambda room: self._tell(Reloaded(room)),
        )
        self._router.add(reader)
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
        thread: int | None = None,
        folded: bool = False,
        limit: int | None = None,
    ) -> History:
        """A page of a room's messages, oldest first: the newest, or those around a number or a
        time. With `thread`, only the replies to this message; `folded`, only what is shown in the
        room, and how many replies each message has.

        `since` needs a time zone; `found` is the seq of the first message from then on.
        """
        query = ReadHistory(
            room=checked_room_name(room),
            before=before,
            after=after,
            around=around,
            since=since,
            thread=thread,
            folded=folded,
            limit=limit,
        )
        page = self._ask(events.HISTORY, query)
        return History(
            messages=page.messages,
            more_before=page.more.before,
            more_after=page.more.after,
            found=None if page.found is UNSET else page.found,
        )

    def join(self, room: str) -> RoomInfo:
        """Join a room; the client joins it again after every reconnection."""
        wanted = Join(room=checked_room_name(room))
        return self._ask(events.JOIN, wanted, answered=self._router.joined).room

    def leave(self, room: str) -> None:
        """Leave a room. Iterators of its messages end."""
        left = checked_room_name(room)
        self._ask(events.LEAVE, Leave(room=left), answered=lambda _: self._router.left(left))

    def create(
        self,
        room: str = "",
        title: str | None = None,
        *,
        kind: RoomKind = "public",
        members: Iterable[str] = (),
    ) -> RoomInfo:
        """Create a room and join it. For a direct room, give its members instead of a name.

        The request is not repeated: after `NotAcknowledged`, check whether the room exists.
        """
        wanted = Create(
            room=checked_room_name(room) if room else "",
            title=title,
            kind=kind,
            members=list(members),
        )
        return self._ask(events.CREATE, wanted, again=False, answered=self._router.joined).room

    def talk_to(self, *names: str) -> RoomInfo:
        """Your direct room with somebody, or your group conversation with several people; the same
        people get the same one again, unless it was given a name."""
        wanted = Create(kind="direct", members=list(names))
        return self._ask(events.CREATE, wanted, answered=self._router.joined).room

    def members(self, room: str) -> list[str]:
        """Join a room and return the names of its members, including yours."""
        info = self.join(room)
        return info.members if info.count <= len(info.members) else self._all_present(info.name)

    def _all_present(self, room: str) -> list[str]:
        names: list[str] = []
        while True:
            after = names[-1] if names else None
            wanted = ListPeople(room=room, here=True, after=after, limit=MAX_PEOPLE_AT_ONCE)
            page = self._ask(events.PEOPLE, wanted)
            names += [profile.name for profile in page.people]
            if not (page.more and page.people):
                return names

    def typing(self, room: str) -> None:
        """Tell a room that you are typing; call it every three seconds while you are."""
        self._link.tell(events.TYPING, ReportTyping(room=checked_room_name(room)))

    # Requests

    def _change(self, event: ClientEvent[P, ChangedMessage], payload: P) -> Event | None:
        return self._ask(event, payload, answered=self._on_change_made).event

    def _ask(
        self, event: ClientEvent[P, A], payload: P, *, timeout: float | None = None, **options: Any
    ) -> A:
        return self._link.ask(event, payload, timeout=self._or_default(timeout), **options)

    def _ask_until_answered(self, event: ClientEvent[P, A], payload: P) -> A:
        return self._link.ask(event, payload, timeout=None)

    # Results

    def _on_posted(self, answer: PostedMessage) -> None:
        message = answer.message
        self.name, self.id = message.sender, message.by or self.id
        self._router.message(message)
        if answer.out_of_office:
            self._tell(PeopleOutOfOffice(message.room, answer.out_of_office))

    def _on_change_made(self, answer: ChangedMessage) -> None:
        if answer.event is not None:
            self._router.message(answer.event)

    def is_own(self, message: Message) -> bool:
        """Whether you wrote a message, on any connection. Other people may have had the same
        name."""
        if self._outbox.is_from_here(message):
            return True
        if self.id is not None and message.by is not None:
            return message.by == self.id
        return self.name is not None and name_key(message.sender) == name_key(self.name)

    def _is_not_own(self, message: Message) -> bool:
        return not self.is_own(message)

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
