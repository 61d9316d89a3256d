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
    "rooms": ("", "which rooms there are"),
    "who": ("", "who is in this room"),
    "history": ("[N]", "what was said before that"),
    "me": ("TEXT", "say what you do"),
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
