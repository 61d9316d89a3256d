"""`chatapp chat` on a terminal: messages scroll above the input line.

prompt_toolkit draws the input line. Everything else is printed through its `patch_stdout`, which
removes the line, prints, and draws it again.
"""

import re
import sys
import time
from collections.abc import Iterable
from typing import get_args

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.patch_stdout import patch_stdout

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.bot_commands.commands import what_it_does
from chatapp.client.terminal.commands import HELP
from chatapp.client.terminal.conversation import Conversation
from chatapp.client.terminal.file_lines import has_links
from chatapp.client.terminal.notifying import commands as notifying
from chatapp.client.terminal.render import Transcript
from chatapp.client.terminal.statuses import commands as statuses
from chatapp.client.terminal.streams import has_colour
from chatapp.domain.visible import visible
from chatapp.protocol.values import Level

FILE = "/file "
MOVE_TO = re.compile(r"/(?:move|forward) (?:.* )?to \S*$")
WORDS = (
    (r"/status \S*", statuses.WORDS),
    (r"/notify \S*", notifying.WORDS),
    (r"/notify room \S*", get_args(Level)),
)
"""What may follow the beginning of some commands."""
REFRESH_SECONDS = 0.5
"""How often the toolbar is refreshed: it counts down, and people stop typing."""


def run(chat: ChatClient, room: str, *, bell: bool) -> None:
    """Runs until /quit, Ctrl-D, Ctrl-C on an empty line, or a permanent end of the connection."""
    colour = has_colour(sys.stdout)
    with patch_stdout(raw=True):
        prompt = Prompt(chat, room, colour=colour, bell=bell)
        with prompt.conversation:
            prompt.run()
            refusal = chat.ended
    if refusal is not None:
        raise refusal


class Prompt:
    """The input line, and the toolbar below it."""

    def __init__(self, chat: ChatClient, room: str, *, colour: bool, bell: bool) -> None:
        self.conversation = Conversation(
            chat,
            room,
            Transcript(
                colour=colour,
                folds=True,
                links=has_links(sys.stdout),
                address_of=chat.address_of,
            ),
            show=_print,
            complain=_print,
            over=self._leave,
            ring=_ring if bell else lambda: None,
        )
        self._chat = chat
        self._session: PromptSession[str] = PromptSession(
            lambda: [("bold", self._mark())],
            completer=NameCompleter(self.conversation),
            complete_while_typing=Condition(self._is_command),
            complete_in_thread=True,  # It may ask the server.
            bottom_toolbar=self._toolbar,
            refresh_interval=REFRESH_SECONDS,
            enable_suspend=True,
            erase_when_done=True,
            color_depth=None if colour else ColorDepth.DEPTH_1_BIT,
        )
        self._session.default_buffer.on_text_changed += self._on_typed

    def run(self) -> None:
        while self._chat.ended is None:
            try:
                line = self._session.prompt()
            except KeyboardInterrupt:
                if not self._session.default_buffer.text:
                    raise
                continue
            except EOFError:
                return
            if line is None or not self.conversation.enter(line):
                return

    def _leave(self) -> None:
        """Called on a thread other than the one that waits for input."""
        app = self._session.app
        if app.loop is not None and app.is_running:
            app.loop.call_soon_threadsafe(app.exit)

    def _on_typed(self, buffer: Buffer) -> None:
        if buffer.text and not self._is_command():
            self.conversation.typing()

    def _is_command(self) -> bool:
        return self._session.default_buffer.text.startswith("/")

    def _mark(self) -> str:
        """`> `, and in a thread its number."""
        thread = self.conversation.thread
        return "> " if thread is None else f"#{thread} > "

    def _toolbar(self) -> str:
        talk = self.conversation
        parts = [talk.rooms.shown(talk.room), *filter(None, [talk.me]), self._connection()]
        if talk.files.transfer:
            parts.append(talk.files.transfer)
        if talk.waiting:
            parts.append(f"{talk.waiting} waiting")
        if talk.typists:
            parts.append(f"{', '.join(talk.typists)} writing …")
        return visible(" · ".join(parts))

    def _connection(self) -> str:
        retry_at = self.conversation.outages.retry_at
        if retry_at is None:
            return "connected"
        return f"not connected, next attempt in {max(0, retry_at - time.monotonic()):.0f} s"


class NameCompleter(Completer):
    """Completes commands, those of bots too, rooms after /join, /leave and /move … to, paths after
    /file, names and display names of people, and the chat's own emoji after a colon."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._paths = PathCompleter(expanduser=True)

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        before = document.text_before_cursor
        if before.startswith(FILE):
            path = Document(before.removeprefix(FILE))
            yield from self._paths.get_completions(path, complete_event)
            return
        if before.startswith("/") and " " not in before:
            yield from self._commands(before)
            return
        word = before.rsplit(" ", 1)[-1]
        for choice in self._choices(before, word):
            shown = self._shown(choice)
            names = (choice, shown, f"@{shown}")
            if any(name.casefold().startswith(word.casefold()) for name in names):
                display = visible(choice if shown in choice else f"{choice} {shown}")
                yield Completion(choice, start_position=-len(word), display=display)

    def _commands(self, begun: str) -> Iterable[Completion]:
        """The chat's own are there at once."""
        for name, (_, what) in HELP.items():
            if f"/{name}".startswith(begun.lower()):
                yield Completion(f"/{name}", start_position=-len(begun), display_meta=what)
        for one in self._conversation.bot_commands.offered(self._conversation.room):
            if f"/{one.name}".startswith(begun.lower()) and one.name not in HELP:
                meta = visible(" · ".join(filter(None, [one.hint, what_it_does(one)])))
                yield Completion(f"/{one.name}", start_position=-len(begun), display_meta=meta)

    def _shown(self, choice: str) -> str:
        if choice in self._conversation.rooms:
            return self._conversation.rooms.shown(choice)
        return self._conversation.people.shown(choice.removeprefix("@"))

    def _choices(self, before: str, word: str) -> list[str]:
        if before.startswith(("/join ", "/leave ")) or MOVE_TO.match(before):
            return list(self._conversation.rooms)
        if words := next((words for start, words in WORDS if re.fullmatch(start, before)), None):
            return list(words)
        if not word:
            return []
        if word.startswith(":"):
            return sorted(self._conversation.emoji.names)
        at = "@" if word.startswith("@") else ""
        return sorted(at + name for name in self._conversation.names)


def _ring() -> None:
    sys.stdout.write("\a")


def _print(text: str) -> None:
    """Print in one piece, because several threads print."""
    sys.stdout.write(text + "\n")
