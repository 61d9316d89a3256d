"""The lines that people type into `chatapp chat`, and what they mean."""

from typing import NamedTuple


class Line(NamedTuple):
    """A command and what stands behind it. What is to be said is the command `say`."""

    command: str
    rest: str


HELP = {
    "join": ("ROOM", "enter a room and write there"),
    "leave": ("[ROOM]", "leave a room, or this one"),
    "create": ("ROOM [TITLE]", "make a room and write there"),
    "private": ("ROOM [TITLE]", "make a room for who is invited"),
    "dm": ("NAME", "talk with somebody alone"),
    "rooms": ("", "which rooms there are, and what is unread"),
    "topic": ("[TEXT]", "what this room is about"),
    "invite": ("NAME", "let somebody into this private room"),
    "remove": ("NAME", "take somebody out of it"),
    "who": ("", "who is in this room, and who is away"),
    "whois": ("NAME", "who somebody is, and since when not here"),
    "history": ("[N]", "what was said before that"),
    "search": ("WORDS", "messages that say this"),
    "read": ("", "you have read this room"),
    "me": ("TEXT", "say what you do"),
    "reply": ("[#N] TEXT", "answer the last message, or number N"),
    "react": ("[#N] EMOJI", "give it an emoji"),
    "edit": ("[#N] TEXT", "change your last message, or number N"),
    "delete": ("[#N]", "take it away"),
    "name": ("[TEXT]", "what you want to be shown as"),
    "colour": ("COLOUR", "the colour of your flag"),
    "status": ("STATE", "online, idle, away or busy"),
    "mute": ("NAME SECONDS [REASON]", "for admins: may read, not write; 0 lifts it"),
    "kick": ("NAME REASON", "for admins: close their connections"),
    "ban": ("NAME REASON", "for admins: keep somebody out"),
    "unban": ("NAME", "for admins: let them in again"),
    "help": ("", "this list"),
    "quit": ("", "leave the chat, as does Ctrl-D"),
}
SAY = "say"


def parse(line: str) -> Line:
    """`/join x` is a command; `//join x` says "/join x", and all else says itself."""
    if line.startswith("//"):
        return Line(SAY, line[1:])
    if not line.startswith("/"):
        return Line(SAY, line)
    command, _, rest = line[1:].partition(" ")
    return Line(command.lower(), rest.strip())


def help_text() -> str:
    usages = {f"/{name} {arguments}".rstrip(): what for name, (arguments, what) in HELP.items()}
    usages["//text"] = "say /text"
    width = max(map(len, usages))
    return "\n".join(f"{usage:{width}}  {what}" for usage, what in usages.items())
