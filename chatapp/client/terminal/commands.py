"""The lines that people type into `chatapp chat`."""

import re
from typing import NamedTuple


class InputLine(NamedTuple):
    """A command and its arguments. A message is the command `say`."""

    command: str
    rest: str


HELP = {
    "join": ("ROOM", "join a room and switch to it"),
    "leave": ("[ROOM]", "leave this room, or another one"),
    "create": ("ROOM [TITLE]", "create a room and switch to it"),
    "private": ("ROOM [TITLE]", "create a private room"),
    "dm": ("NAME", "open a direct message"),
    "rooms": ("", "list rooms with their unread messages"),
    "topic": ("[TEXT]", "set this room's topic"),
    "invite": ("NAME", "add someone to this private room"),
    "remove": ("NAME", "remove someone from this private room"),
    "delete-room": ("ROOM", "delete a room, for everyone and for good"),
    "who": ("", "list the people in this room"),
    "whois": ("NAME", "show someone's role and when they were last online"),
    "history": ("[N]", "show earlier messages"),
    "show": ("[#N]", "show the whole last message, or number N"),
    "search": ("WORDS", "search messages"),
    "read": ("", "mark this room as read"),
    "me": ("TEXT", "describe an action"),
    "reply": ("[#N] TEXT", "reply to the last message, or number N"),
    "react": ("[#N] EMOJI", "react to the last message, or number N"),
    "edit": ("[#N] TEXT", "edit your last message, or number N"),
    "delete": ("[#N]", "delete your last message, or number N"),
    "name": ("[TEXT]", "set your display name"),
    "colour": ("COLOUR", "set your avatar colour"),
    "status": ("STATE", "set your status: online, idle, away or busy"),
    "mute": ("NAME SECONDS [REASON]", "for admins: mute someone; 0 unmutes them"),
    "kick": ("NAME REASON", "for admins: disconnect someone"),
    "ban": ("NAME REASON", "for admins: ban someone"),
    "unban": ("NAME", "for admins: lift a ban"),
    "help": ("", "this list"),
    "quit": ("", "quit the chat (or Ctrl-D)"),
}
SAY = "say"


def parse(line: str) -> InputLine:
    """`/join x` is a command; `//join x` posts "/join x"; anything else is posted as it is.

    `/etc/hosts is broken` is posted too: no command has a second slash.
    """
    if line.startswith("//"):
        return InputLine(SAY, line[1:])
    command = re.fullmatch(r"/([^\s/]*)(?:\s(.*))?", line, re.DOTALL)
    if command is None:
        return InputLine(SAY, line)
    return InputLine(command[1].lower(), (command[2] or "").strip())


def help_text() -> str:
    usages = {f"/{name} {arguments}".rstrip(): what for name, (arguments, what) in HELP.items()}
    usages["//text"] = "post /text as text"
    width = max(map(len, usages))
    return "\n".join(f"{usage:{width}}  {what}" for usage, what in usages.items())
