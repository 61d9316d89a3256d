"""Files for tests: pictures that are made here, and somebody who sends them over HTTP."""

import io
from hashlib import sha256
from typing import Any

import requests
from PIL import Image

from chatapp.domain.model import FileInfo
from tests.support.cast import new_token, with_token
from tests.support.closing import SimpleClient
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS

HERE = "/api/v1/files"


def picture(
    format: str = "PNG", size: tuple[int, int] = (40, 30), *, at: bool = False, turned: bool = False
) -> bytes:
    """A red picture; `at` has a position in its metadata, and `turned` lies on its side."""
    file, exif = io.BytesIO(), Image.Exif()
    if at:
        exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 29.6), 3: "E", 4: (2.0, 17.0, 40.2)})
        exif[0x010F] = "A camera"
    if turned:
        exif[0x0112] = 6
    Image.new("RGB", size, "red").save(file, format, exif=exif)
    return file.getvalue()


def a_file(name: str, type: str, content: bytes | None = None) -> FileInfo:
    """A file of this content, or of one of its own, for tests of what does not look into it."""
    data = name.encode() if content is None else content
    digest = sha256(data).hexdigest()
    return FileInfo(id=digest[:22], name=name, type=type, bytes=len(data), sha256=digest)


class Sender:
    """Somebody with an account and a token, who sends files and messages."""

    def __init__(self, server: Server, name: str, role: str = "member") -> None:
        token = new_token(server, name, role, ("read", "write"))
        self.url = server.url
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.socket: SimpleClient = with_token(server, token)

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, self.url + path, timeout=DEADLINE_SECONDS, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.ask("GET", path, **options)

    def send(self, content: bytes, name: str = "a file") -> dict[str, Any]:
        """The `FileInfo` of a new file."""
        answer = self.ask("POST", HERE, params={"name": name}, data=content)
        assert answer.status_code == 201, answer.text
        [file] = answer.json()["files"]
        assert isinstance(file, dict)
        return file

    def close(self) -> None:
        self.http.close()
        self.socket.disconnect()
