"""The command line's commands for photos. They are the same with and without a running server."""

from collections.abc import Callable
from typing import Any

from chatapp.domain.future import Future
from chatapp.features.files.small_pictures import KeepPicture, decoded
from chatapp.features.photos.manager import PhotoManager


def photo_commands(photos: PhotoManager, keep: KeepPicture) -> dict[str, Callable[..., Any]]:
    """`keep(data, claim)` makes and keeps a photo."""

    def change(name: str, picture: str) -> Future[str]:
        data = decoded(picture)
        return photos.set(None, name, lambda claim: keep(data, claim))

    def remove(name: str) -> Future[None]:
        return photos.remove(None, name)

    return {"user.photo": change, "user.remove-photo": remove}
