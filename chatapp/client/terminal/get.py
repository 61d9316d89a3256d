"""`chatapp get`: downloads the files of a message, or one by its address."""

import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from chatapp.client.chat import ChatClient
from chatapp.client.terminal.send import STANDARD_INPUT
from chatapp.client.terminal.transfer_bars import Bar, TransferBars
from chatapp.domain.errors import BadPayload, NotFound
from chatapp.domain.model import GENERAL, FileInfo
from chatapp.domain.visible import visible

_FILE_PATH = re.compile(r"/files/([\w-]+)(?:/.*)?")
_ROOM_PATH = re.compile(r"/(?:rooms/([^/]+)/?)?")


def run(chat: ChatClient, *, what: str, room: str, to: str, overwrite: bool, bar: Bar) -> None:
    with chat, TransferBars(bar) as bars:
        files = files_of(chat, what, room)
        if to == STANDARD_INPUT:
            if len(files) > 1:
                raise BadPayload("That message has several files; give the address of one.")
            chat.download(files[0], sys.stdout.buffer, progress=bars)
            sys.stdout.buffer.flush()
            return
        if len(files) > 1 and not Path(to).is_dir():
            raise BadPayload(f"That message has {len(files)} files; give a folder for them.")
        for file in files:
            place = chat.download(file, to, overwrite=overwrite, progress=bars)
            sys.stdout.write(f"{visible(str(place))}\n")


def files_of(chat: ChatClient, what: str, room: str) -> list[FileInfo]:
    """The files of a message, by its number or its link, or the file at an address."""
    if re.fullmatch(r"#?[0-9]{1,15}", what):
        return files_of_message(chat, room, int(what.lstrip("#")))
    address = urlsplit(what)
    if f"{address.scheme}://{address.netloc}" != chat.url:
        raise BadPayload(f"{visible(what)} is not an address of {chat.url}; see --url.")
    if found := _FILE_PATH.fullmatch(address.path):
        return [chat.file(found[1])]
    place, numbers = _ROOM_PATH.fullmatch(address.path), parse_qs(address.query)
    seq = "".join((numbers.get("seq") or numbers.get("at") or [""])[:1])
    if place is None or not re.fullmatch(r"[0-9]{1,15}", seq):
        raise BadPayload(f"{visible(what)} is neither the address of a file nor of a message.")
    return files_of_message(chat, unquote(place[1]) if place[1] else GENERAL, int(seq))


def files_of_message(chat: ChatClient, room: str, seq: int) -> list[FileInfo]:
    for message in chat.history(room, around=seq, limit=1).messages:
        if message.seq == seq:
            files = [file for file in message.files or () if not file.removed]
            if not files:
                raise NotFound(f"Message #{seq} of {room} has no files.")
            return files
    raise NotFound(f"There is no message #{seq} in {room}.")
