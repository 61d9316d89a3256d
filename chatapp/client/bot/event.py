"""What a handler of a bot gets: a message, and ways to answer it."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from chatapp.client.chat import ChatClient
from chatapp.client.files.sources import FileSource
from chatapp.domain.model import FileInfo, Message


class BotEvent:
    """A message to a bot.

    `text` is what was said to it: without the name of a command, and without the bot's own name
    before it. `args` are the words of that. `message` is the whole message.

    What a handler sends by these methods has a `cid` that follows from the message and from how
    many were sent before it. So if the handler runs again after a crash, the server stores nothing
    twice: a handler should send the same things in the same order.
    """

    def __init__(self, chat: ChatClient, message: Message, text: str, *, is_direct: bool) -> None:
        self.chat = chat
        self.message = message
        self.text = text
        self.args = text.split()
        self._is_direct = is_direct
        self._sent = 0

    @property
    def room(self) -> str:
        return self.message.room

    @property
    def sender(self) -> str:
        """The name of whoever wrote the message."""
        return self.message.sender

    @property
    def files(self) -> list[FileInfo]:
        return self.message.files or []

    def reply(self, text: str = "", **options: Any) -> Message:
        """Answer where the message is: in the room, or in its thread. Takes what `send` takes."""
        if not self._is_direct:
            options = {"reply_to": self.message.seq, **options}
        return self.send(text, **{"thread": self.message.thread, **options})

    def thread(self, text: str = "", **options: Any) -> Message:
        """Answer in the thread of the message, which may begin with this. Takes what `send`
        takes."""
        return self.send(text, thread=self.message.thread or self.message.seq, **options)

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
        settings = {"thread": self.message.thread, **settings}
        return self.chat.poll(self.room, question, options, cid=self._next_cid(), **settings)

    def react(self, emoji: str) -> None:
        """React to the message."""
        self.chat.react(self.room, self.message.seq, emoji)

    def typing(self) -> None:
        """Show that the bot is about to answer; call it every three seconds."""
        self.chat.typing(self.room)

    def download(self, file: FileInfo, to: "str | os.PathLike[str]" = ".") -> Path | None:
        """Download a file of the message. See `ChatClient.download`."""
        return self.chat.download(file, to)

    def _next_cid(self) -> str:
        self._sent += 1
        message = self.message
        about = f"{message.room}\n{message.seq}\n{message.at}\n{message.by or message.sender}"
        return f"bot-{hashlib.sha256(about.encode()).hexdigest()[:32]}-{self._sent}"
