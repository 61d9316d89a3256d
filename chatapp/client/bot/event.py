"""What a handler of a bot gets: a message or a slash command, and ways to answer it."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from msgspec import UNSET

from chatapp.client.chat import ChatClient
from chatapp.client.files.sources import FileSource
from chatapp.domain.errors import NotAllowed
from chatapp.domain.model import FileInfo, Message
from chatapp.protocol.pushes import CommandCall


class BotEvent:
    """A message to a bot, or a slash command that somebody has typed.

    `text` is what was said to it: without the name of a command, and without the bot's own name
    before it. `args` are the words of that. `message` is the whole message, None of a slash
    command; `sender` is the name of whoever wrote it, in the room `room`.

    What a handler sends by these methods has a `cid` that follows from the message and from how
    many were sent before it. So if the handler runs again after a crash, the server stores nothing
    twice: a handler should send the same things in the same order.
    """

    def __init__(
        self,
        chat: ChatClient,
        text: str,
        *,
        room: str,
        sender: str,
        thread: int | None,
        seq: int | None,
        about: str,
        message: Message | None = None,
        call: CommandCall | None = None,
        is_direct: bool = False,
    ) -> None:
        """`seq` is the message in the room, if there is one; `about` is what cids follow from."""
        self.chat = chat
        self.text = text
        self.args = text.split()
        self.room = room
        self.sender = sender
        self.message = message
        self._thread = thread
        self._seq = seq
        self._about = about
        self._call = call
        self._is_direct = is_direct
        self._sent = 0

    @classmethod
    def of_message(cls, chat: ChatClient, message: Message, text: str, *, is_direct: bool) -> Self:
        author = message.by or message.sender
        return cls(
            chat,
            text,
            room=message.room,
            sender=message.sender,
            thread=message.thread,
            seq=message.seq,
            about=f"{message.room}\n{message.seq}\n{message.at}\n{author}",
            message=message,
            is_direct=is_direct,
        )

    @classmethod
    def of_call(cls, chat: ChatClient, call: CommandCall) -> Self:
        return cls(
            chat,
            call.text,
            room=call.room,
            sender=call.sender,
            thread=None if call.thread is UNSET else call.thread,
            seq=None if call.seq is UNSET else call.seq,
            about=call.id,
            call=call,
        )

    @property
    def is_slash(self) -> bool:
        """Whether it is a slash command, which can be answered in private."""
        return self._call is not None

    @property
    def files(self) -> list[FileInfo]:
        return (self.message.files if self.message else None) or []

    def reply(self, text: str = "", **options: Any) -> Message:
        """Answer where the message is: in the room, or in its thread. Takes what `send` takes."""
        if self._seq is not None and not self._is_direct:
            options = {"reply_to": self._seq, **options}
        return self.send(text, **{"thread": self._thread, **options})

    def thread(self, text: str = "", **options: Any) -> Message:
        """Answer in the thread of the message, which may begin with this. A slash command that is
        not posted begins none: its answer goes into the room. Takes what `send` takes."""
        return self.send(text, thread=self._thread or self._seq, **options)

    def reply_privately(self, text: str) -> None:
        """Answer a slash command so that only who has typed it sees that. It is not kept. Raises
        `NotAllowed` for a message, which others see as well."""
        if self._call is None:
            raise NotAllowed("Only slash commands can be answered in private.")
        self.chat.answer_command(self._call.id, text)

    def send(
        self,
        text: str = "",
        *,
        room: str | None = None,
        files: Iterable[FileSource | FileInfo] = (),
        alt: str | Sequence[str] = (),
        reply_to: int | None = None,
        thread: int | None = None,
        also_to_room: bool = False,
    ) -> Message:
        """Send a message, to this room or to another one that the bot has joined. See
        `ChatClient.send`."""
        return self.chat.send(
            room or self.room,
            text,
            files=files,
            alt=alt,
            reply_to=reply_to,
            thread=thread,
            also_to_room=also_to_room,
            cid=self._next_cid(),
        )

    def poll(self, question: str, options: Sequence[str], **settings: Any) -> Message:
        """Begin a poll in this room. See `ChatClient.poll`."""
        settings = {"thread": self._thread, **settings}
        return self.chat.poll(self.room, question, options, cid=self._next_cid(), **settings)

    def react(self, emoji: str) -> None:
        """React to the message. Raises `NotAllowed` for a slash command that is not posted."""
        if self._seq is None:
            raise NotAllowed("There is no message to react to.")
        self.chat.react(self.room, self._seq, emoji)

    def typing(self) -> None:
        """Show that the bot is about to answer; call it every three seconds."""
        self.chat.typing(self.room)

    def download(self, file: FileInfo, to: "str | os.PathLike[str]" = ".") -> Path | None:
        """Download a file of the message. See `ChatClient.download`."""
        return self.chat.download(file, to)

    def _next_cid(self) -> str:
        self._sent += 1
        return f"bot-{hashlib.sha256(self._about.encode()).hexdigest()[:32]}-{self._sent}"
