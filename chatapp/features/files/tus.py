"""Uploads that go on where they were cut off: tus 1.0, at `/api/v1/files/tus`.

The protocol is at https://tus.io/protocols/resumable-upload. Of it there are the core and creation,
creation-with-upload, checksum, expiration and termination: what tus-js-client and Uppy use. The id
in `Location` is the file's, which a message names once the last byte is here.

Refusals are never 400, which some clients send again for ever (transloadit/uppy#5460).
"""

import hashlib
import hmac
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

from flask import Blueprint, Response, request, url_for

from chatapp.domain.errors import ChatError, NotFound, Unsupported
from chatapp.domain.model import Person
from chatapp.features.files.bodies import pour, stop_reading
from chatapp.features.files.manager import UNATTACHED_LIFETIME, FileManager
from chatapp.features.files.model import StoredFile
from chatapp.features.files.names import UNNAMED
from chatapp.features.files.receiving import ReceivedFile
from chatapp.web.waiting import wait

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
PART = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256", "md5")
WRONG_VERSION = 412
WRONG_CHECKSUM = 460
MAX_DIGITS = 15
HERE = "/api/v1/files/tus"

Who = Callable[[], Person]


def add_tus(files: Blueprint, who: Who, manager: FileManager) -> None:
    @files.after_request
    def say_version(response: Response) -> Response:
        if request.path.startswith(HERE):
            response.headers["Tus-Resumable"] = VERSION
        return response

    @files.route(HERE, methods=["OPTIONS"], provide_automatic_options=False)
    def tus_options() -> Response:
        return _answer(
            204,
            Tus_Version=VERSION,
            Tus_Extension=EXTENSIONS,
            Tus_Max_Size=manager.limits.max_file_bytes,
            Tus_Checksum_Algorithm=",".join(ALGORITHMS),
        )

    @files.post(HERE)
    def tus_create() -> Response:
        person = who()
        if refusal := _refused_version():
            return refusal
        length = _number("Upload-Length")
        id = wait(manager.create(person, length, _file_name()))
        offset = 0
        if length == 0 or request.mimetype == PART:
            answer = _receive(manager, person, id, 0)
            if answer.status_code != 204:
                return answer
            offset = int(answer.headers["Upload-Offset"])
        return _answer(
            201,
            Location=url_for("files.tus_append", id=id),
            Upload_Offset=offset,
            Upload_Expires=_expires(manager.upload(person, id)),
        )

    @files.route(f"{HERE}/<id>", methods=["HEAD"], provide_automatic_options=False)
    def tus_offset(id: str) -> Response:
        file = manager.settled_upload(who(), id)
        return _answer(
            200,
            Upload_Offset=_offset(file),
            Upload_Length=file.bytes,
            Cache_Control="no-store",
            **({} if file.is_attached else {"Upload_Expires": _expires(file)}),
        )

    @files.patch(f"{HERE}/<id>")
    def tus_append(id: str) -> Response:
        person = who()
        if refusal := _refused_version():
            return refusal
        if request.mimetype != PART:
            raise Unsupported(f"The Content-Type of a part is {PART}.")
        return _receive(manager, person, id, _number("Upload-Offset"))

    @files.delete(f"{HERE}/<id>")
    def tus_remove(id: str) -> Response:
        wait(manager.remove(who(), id))
        return _answer(204)

    @files.post(f"{HERE}/<id>")
    def tus_override(id: str) -> Response:
        """For clients behind something that only knows GET and POST."""
        method = request.headers.get("X-HTTP-Method-Override", "")
        if method not in ("PATCH", "DELETE"):
            raise NotFound("There is no page at this address.")
        return tus_append(id) if method == "PATCH" else tus_remove(id)


def _receive(manager: FileManager, person: Person, id: str, offset: int) -> Response:
    checksum = _checksum()
    with manager.continue_upload(person, id, offset, stop_reading()) as received:
        if checksum is None:
            pour(received.write, manager.threads.receive)
        elif not _pour_checked(manager, received, *checksum):
            return _answer(WRONG_CHECKSUM)
    file = manager.upload(person, id)
    return _answer(204, Upload_Offset=_offset(file), Upload_Expires=_expires(file))


def _pour_checked(
    manager: FileManager, received: ReceivedFile, algorithm: str, expected: bytes
) -> bool:
    """Whether the body has this checksum; nothing of another one is kept."""
    hashed = hashlib.new(algorithm, usedforsecurity=False)

    def write(data: bytes | memoryview) -> None:
        hashed.update(data)
        received.write(data)

    try:
        pour(write, manager.threads.receive)
    except ChatError:
        manager.threads.receive(received.forget)
        raise
    if hmac.compare_digest(hashed.digest(), expected):
        return True
    manager.threads.receive(received.forget)
    return False


def _checksum() -> tuple[str, bytes] | None:
    sent = request.headers.get("Upload-Checksum")
    if sent is None:
        return None
    algorithm, _, encoded = sent.partition(" ")
    try:
        digest = b64decode(encoded, validate=True)
    except (BadBase64, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise Unsupported(f"A checksum is {', '.join(ALGORITHMS)}, a blank, and base64.")
    return algorithm, digest


def _refused_version() -> Response | None:
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return _answer(WRONG_VERSION, Tus_Version=VERSION)


def _number(name: str) -> int:
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > MAX_DIGITS:
        raise Unsupported(f"The header {name} is a number of bytes.")
    return int(text)


def _file_name() -> str:
    """The file's name in `Upload-Metadata: filename <base64>,filetype <base64>`."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, encoded = pair.strip().partition(" ")
        if key in ("filename", "name"):
            try:
                return b64decode(encoded, validate=True).decode(errors="replace")
            except (BadBase64, ValueError):
                return UNNAMED
    return UNNAMED


def _offset(file: StoredFile) -> int:
    return file.offset if file.is_partial else file.bytes


def _expires(file: StoredFile) -> str:
    """As a date of HTTP."""
    begun = datetime.fromisoformat(file.created_at)
    return format_datetime(begun + UNATTACHED_LIFETIME, usegmt=True)


def _answer(status: int, **headers: str | int) -> Response:
    named = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return Response(status=status, headers=named)
