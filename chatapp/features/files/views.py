"""Uploading in one request, and one's own uploads: `/api/v1/files`."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Response, request

from chatapp.domain.errors import Unavailable
from chatapp.domain.limits import MAX_FILES
from chatapp.domain.model import FileInfo, Person
from chatapp.features.files.bodies import MultipartBody, boundary_of_body, pour
from chatapp.features.files.manager import FileManager
from chatapp.features.files.names import UNNAMED
from chatapp.features.files.receiving import ReceivedFile
from chatapp.features.files.serving import add_file_pages
from chatapp.features.files.tus import add_tus
from chatapp.protocol.answers import Done, UploadedFile, UploadedFiles
from chatapp.tables.table import Conflict
from chatapp.web.waiting import wait

Who = Callable[[], Person]


def files_blueprint(who: Who, manager: FileManager) -> Blueprint:
    """`who()` is the person of the current request; raises an error if there is none."""
    files = Blueprint("files", __name__)

    @files.post("/api/v1/files")
    def upload() -> Response:
        """Take the body as a file, or as several in multipart."""
        person = who()
        boundary = boundary_of_body()
        files = 1 if boundary is None else MAX_FILES
        with manager.receive(person, request.content_length, files) as new:
            if boundary is None:
                whole = new()
                pour(whole.write, manager.threads.receive)
                received = [(request.args.get("name", UNNAMED), whole)]
            else:
                body = MultipartBody(boundary, new)
                pour(body.write, manager.threads.receive)
                manager.threads.receive(body.finish)
                received = body.files
            kept = [_kept(manager, person, name, file) for name, file in received]
        return _json(UploadedFiles(files=kept), 201)

    @files.get("/api/v1/files/<id>")
    def status(id: str) -> Response:
        return _json(UploadedFile(file=manager.info(who(), id)))

    @files.delete("/api/v1/files/<id>")
    def remove(id: str) -> Response:
        wait(manager.remove(who(), id))
        return _json(Done())

    add_tus(files, who, manager)
    add_file_pages(files, who, manager)
    return files


def _kept(manager: FileManager, person: Person, name: str, file: ReceivedFile) -> FileInfo:
    try:
        return wait(manager.keep(person, file, name))
    except Conflict:  # The body cannot be read again.
        raise Unavailable("The file was not kept. Send it again.") from None


def _json(answer: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, mimetype="application/json")
