"""The lines that people type into `chatapp chat`."""

import re
from collections.abc import Mapping
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
    "dm": ("NAME…", "open a direct message, or a group conversation with several people"),
    "rooms": ("", "list rooms with their unread messages"),
    "topic": ("[TEXT]", "set this room's topic"),
    "invite": ("NAME…", "add people to this private room or group; they see all earlier messages"),
    "remove": ("NAME", "remove someone from this private room or group"),
    "rename": ("[NAME]", "give this room or group a name; without NAME, take a group's away"),
    "delete-room": ("ROOM", "delete a room, for everyone and for good"),
    "who": ("", "list the people in this room"),
    "whois": ("NAME", "show someone's role and when they were last online"),
    "history": ("[N]", "show earlier messages"),
    "show": ("[#N]", "show the whole last message, or number N"),
    "search": ("WORDS", "search messages"),
    "read": ("", "mark the open thread, or this room, as read"),
    "me": ("TEXT", "describe an action"),
    "reply": ("[#N] TEXT", "reply to the last message, or number N, where it is"),
    "file": ("PATH [TEXT]", "send a file"),
    "get": ("[#N] [FOLDER]", "download the files of the last message, or number N"),
    "thread": ("[#N]", "read and write in the thread of number N; without a number, leave it"),
    "threads": ("[here]", "list the threads that you follow, or all of this room"),
    "follow": ("[#N]", "follow the open thread, or that of number N"),
    "unfollow": ("[#N]", "no longer follow it"),
    "title": ("[#N] [TEXT]", "give the open thread, or that of number N, a title"),
    "move": ("#N… to thread #N | to ROOM | out", "move messages into a thread or another room"),
    "forward": (
        "[#N…] to ROOM | @NAME | thread #N [TEXT]",
        "forward the last message, or these, with a text of yours before them",
    ),
    "quote": ("[#N] TEXT", "quote the last message, or number N, and answer it"),
    "pin": ("[#N]", "pin the last message, or number N, for everyone here"),
    "unpin": ("[#N]", "pin it no longer"),
    "pins": ("", "list the pinned messages of this room"),
    "save": (
        "[#N] [in 2h | tomorrow 9:00]",
        "save the last message, or number N, and be reminded",
    ),
    "unsave": ("[ROOM] #N", "save it no longer"),
    "saved": ("", "list what you have saved"),
    "later": ("TIME TEXT", 'send it later: /later "tomorrow 9:00" TEXT, /later +2h TEXT'),
    "scheduled": ("[cancel N]", "list your scheduled messages, or cancel one"),
    "react": ("[#N] EMOJI", "react to the last message, or number N"),
    "poll": (
        '"QUESTION" "OPTION" "OPTION"… [--several] [--anonymous] [--hidden] [--until TIME]',
        "ask the people here",
    ),
    "vote": ("[#N] 1 [2…] | none", "vote in the last poll, or number N, or withdraw your vote"),
    "votes": ("[#N] [OPTION]", "show how a poll stands, or who voted for an option"),
    "close-poll": ("[#N]", "close your last poll, or number N"),
    "emoji": (
        "[WORD | add NAME PATH | remove NAME]",
        "list the chat's own emoji, add one, or remove one",
    ),
    "edit": ("[#N] TEXT", "edit your last message, or number N"),
    "delete": ("[#N]", "delete your last message, or number N"),
    "name": ("[TEXT]", "set your display name"),
    "colour": ("COLOUR", "set your avatar colour"),
    "photo": ("FILE | none", "set or remove your photo"),
    "status": (
        "[out] [EMOJI] TEXT [until TIME] | clear | STATE",
        "say what you do, or that you are out of office; or be online, idle, away or busy",
    ),
    "notify": (
        "[add WORD | remove WORD | quiet 22:00-07:00 [mon-fri] [mentions] | quiet off | "
        "room all|mentions|nothing]",
        "show what notifies you, and change it",
    ),
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


def help_text(more: Mapping[str, str] | None = None) -> str:
    """All commands; `more` are those of bots, and what they do."""
    usages = {f"/{name} {arguments}".rstrip(): what for name, (arguments, what) in HELP.items()}
    usages |= more or {}
    usages["//text"] = "post /text as text"
    width = max(map(len, usages))
    return "\n".join(f"{usage:{width}}  {what}" for usage, what in usages.items())
