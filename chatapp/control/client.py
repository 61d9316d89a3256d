"""The command line's end: asks the server that runs on a data folder, if one does."""

import json
import socket
from pathlib import Path
from typing import Any

from chatapp.control.place import reachable

TIMEOUT_SECONDS = 60.0


class NoServer(Exception):
    """No server runs on this data folder."""


class Refused(Exception):
    """The server said no: a stable `code`, and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def ask(folder: Path, command: str, arguments: dict[str, Any]) -> Any:
    """The value of a command; raises `NoServer` or `Refused`."""
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
        raise Refused(answer["error"]["code"], answer["error"]["message"])
    return answer["value"]
