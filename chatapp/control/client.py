"""The client side: sends a command to the server that is using a data folder."""

import json
import socket
from pathlib import Path
from typing import Any

from chatapp.control.place import reachable

TIMEOUT_SECONDS = 60.0


class NoServer(Exception):
    """No server is running on this data folder."""


class CommandRefused(Exception):
    """The server refused the command, with a stable `code` and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def ask(folder: Path, command: str, arguments: dict[str, Any]) -> Any:
    """The command's result; raises `NoServer` or `CommandRefused`."""
    request = json.dumps({"command": command, "arguments": arguments}).encode() + b"\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT_SECONDS)
        try:
            with reachable(folder) as address:
                connection.connect(address)
        except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
            raise NoServer from None
        connection.sendall(request)
        with connection.makefile("rb") as stream:
            answer = json.loads(stream.readline())
    if not answer["ok"]:
        raise CommandRefused(answer["error"]["code"], answer["error"]["message"])
    return answer["value"]
