"""`/file` and `/get` of `chatapp chat`: a file goes to the chat, or comes from it."""

import re
from pathlib import Path

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.get import files_of_message
from chatapp.client.terminal.slash_commands import (
    CommandContext,
    SlashCommand,
    WrongArguments,
    message_number,
    needed,
)
from chatapp.domain.visible import visible

_PATH = re.compile(r'(?:"([^"]+)"|((?:\\.|\S)+))(?:\s+(.*))?', re.DOTALL)


class FileCommands:
    """`transfer` describes what is under way, `cat.png 40 %`; empty if there is nothing."""

    def __init__(self, chat: ChatClient, *, timeout: float) -> None:
        """`timeout` are the seconds after which a transfer that does not move on is given up."""
        self._chat = chat
        self._timeout = timeout
        self.transfer = ""
        self.commands: dict[str, SlashCommand] = {"file": self._send, "get": self._get}

    def _send(self, rest: str, context: CommandContext) -> str:
        path, text = path_and_text(needed(rest))
        try:
            self._chat.send(
                context.room,
                text,
                files=[path],
                thread=context.thread,
                progress=self._progress,
                timeout=self._timeout,
            )
        finally:
            self.transfer = ""
        return ""

    def _get(self, rest: str, context: CommandContext) -> str:
        seq, folder = message_number(rest, context.last)
        places = []
        try:
            for file in files_of_message(self._chat, context.room, seq):
                place = self._chat.download(
                    file,
                    Path(folder or ".").expanduser(),
                    progress=self._progress,
                    timeout=self._timeout,
                )
                places.append(f"Saved {visible(str(place))}")
        finally:
            self.transfer = ""
        return "\n".join(places)

    def _progress(self, name: str, done: int, size: int) -> None:
        self.transfer = f"{visible(name)} {done * 100 // size if size else 100} %"


def path_and_text(rest: str) -> tuple[Path, str]:
    """The path, and the text of the message. A path with spaces needs no quotes if it is alone."""
    whole = Path(rest).expanduser()
    if whole.exists():
        return whole, ""
    found = _PATH.fullmatch(rest)
    if found is None:
        raise WrongArguments
    path = found[1] or re.sub(r"\\(.)", r"\1", found[2])
    return Path(path).expanduser(), found[3] or ""
