"""Serves the pictures of the chat's own emoji: `/emoji/<sha256>`, and `/emoji/<sha256>/still`.

An address says which bytes there are, so a browser keeps them without asking. Whoever is in the
chat may see them; a digest is only served while an emoji has it.
"""

from collections.abc import Callable

from flask import Blueprint, Response

from chatapp.domain.errors import NotFound
from chatapp.domain.model import Person
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.files.manager import FileManager
from chatapp.features.files.model import PREVIEW
from chatapp.features.files.serving import send_picture

Who = Callable[[], Person]


def emoji_blueprint(who: Who, emoji: EmojiManager, files: FileManager) -> Blueprint:
    """`who()` is the person of the current request; raises an error if there is none."""
    pages = Blueprint("emoji", __name__)

    @pages.get("/emoji/<digest>")
    def picture(digest: str) -> Response:
        return sent(digest, "")

    @pages.get("/emoji/<digest>/still")
    def still(digest: str) -> Response:
        """The first frame of an animated one."""
        return sent(digest, PREVIEW)

    def sent(digest: str, ending: str) -> Response:
        who()
        size = files.size(digest + ending) if emoji.has_bytes(digest) else None
        if size is None:
            raise NotFound("There is no such emoji here.")
        return send_picture(files, digest + ending, size)

    return pages
