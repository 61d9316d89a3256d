"""Makes small pictures of what people have uploaded: emoji of the chat's own, and photos."""

import logging
import secrets
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from chatapp.app.files import uploads
from chatapp.app.infrastructure import Infrastructure
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.manager import FileManager
from chatapp.features.files.model import ID_BYTES
from chatapp.features.files.pictures import SmallUse
from chatapp.features.files.small_pictures import (
    KeepPicture,
    MakePicture,
    SmallPictures,
    check_size,
)
from chatapp.tables.table import Conflict
from chatapp.web.waiting import in_greenlet, wait

logger = logging.getLogger(__name__)

T = TypeVar("T")


class SharedBytesOfFiles:
    """The bytes of files, as rows with small pictures need them."""

    def __init__(self, files: FileManager) -> None:
        self.claim = files.bytes.claim
        self.unclaim = files.bytes.unclaim
        self.release = files.release


class UploadedPictures:
    """Keeps pictures on real threads."""

    def __init__(
        self, infrastructure: Infrastructure, files: FileManager, attachments: FileAttachments
    ) -> None:
        self._files = files
        self._attachments = attachments
        self._pictures = SmallPictures(
            infrastructure.blobs,
            infrastructure.pictures,
            uploads(infrastructure.config.data),
            new_id=lambda: secrets.token_urlsafe(ID_BYTES),
        )

    def keeping(self, use: SmallUse) -> KeepPicture:
        return partial(self._files.threads.keep, self._pictures.keep, use)

    def use(
        self,
        person: Person,
        file: str,
        use: SmallUse,
        give: Callable[[MakePicture], Future[T]],
    ) -> Future[T]:
        """Give a row the small picture of an uploaded file, which is gone then. Raises what stands
        against that at once."""
        self._attachments.check(person, [file])
        return in_greenlet(lambda: self._used(person, file, use, give))

    def _used(
        self,
        person: Person,
        file: str,
        use: SmallUse,
        give: Callable[[MakePicture], Future[T]],
    ) -> T:
        upload = self._files.upload(person, file)
        check_size(use, upload.bytes)
        data = b"".join(self._files.read(upload.sha256))
        given = wait(give(lambda claim: self.keeping(use)(data, claim)))
        try:
            wait(self._files.remove(person, file))
        except (ChatError, Conflict) as error:
            logger.info("An upload that was made smaller goes in a day: %s", error)
        return given
