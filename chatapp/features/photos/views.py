"""Serves the photos of people: `/photos/<sha256>`.

An address says which bytes there are, so a browser keeps them without asking. Whoever is in the
chat may see them; a digest is only served while it is somebody's photo.
"""

from collections.abc import Callable

from flask import Blueprint, Response

from chatapp.domain.errors import NotFound
from chatapp.domain.model import Person
from chatapp.features.files.manager import FileManager
from chatapp.features.files.serving import send_picture
from chatapp.features.photos.manager import PhotoManager


def photos_blueprint(
    who: Callable[[], Person], photos: PhotoManager, files: FileManager
) -> Blueprint:
    """`who()` is the person of the current request; raises an error if there is none."""
    pages = Blueprint("photos", __name__)

    @pages.get("/photos/<digest>")
    def photo(digest: str) -> Response:
        who()
        size = files.size(digest) if photos.has_bytes(digest) else None
        if size is None:
            raise NotFound("There is no such photo here.")
        return send_picture(files, digest, size)

    return pages
