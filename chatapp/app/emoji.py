"""Creates the parts of the chat's own emoji."""

import logging
import secrets
from collections.abc import Callable
from functools import partial

from chatapp.app.files import uploads
from chatapp.app.infrastructure import Infrastructure
from chatapp.domain import clock
from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.audit.manager import Audit
from chatapp.features.emoji.commands import Keep
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.pictures import EmojiPictures, check_size
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.emoji.standard import standard_names
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.manager import FileManager
from chatapp.features.files.model import ID_BYTES
from chatapp.features.settings.manager import SettingsManager
from chatapp.protocol.requests import AddEmoji
from chatapp.protocol.values import CustomEmoji
from chatapp.tables.table import Conflict
from chatapp.transport import EVERYONE
from chatapp.web.waiting import in_greenlet, wait

logger = logging.getLogger(__name__)

AddUpload = Callable[[Person, AddEmoji], Future[CustomEmoji]]


def make_emoji(
    infrastructure: Infrastructure,
    rows: EmojiRows,
    files: FileManager,
    settings: SettingsManager,
    audit: Audit,
) -> EmojiManager:
    return EmojiManager(
        rows,
        _SharedBytes(files),
        makers=lambda: settings.now.emoji_makers,
        standard=standard_names,
        clock=clock.now,
        tell=partial(infrastructure.realtime.broadcast, "emoji", room=EVERYONE),
        note=audit,
    )


class _SharedBytes:
    def __init__(self, files: FileManager) -> None:
        self.claim = files.bytes.claim
        self.unclaim = files.bytes.unclaim
        self.release = files.release


def keeping_pictures(infrastructure: Infrastructure, files: FileManager) -> Keep:
    """Makes and keeps pictures on real threads."""
    pictures = EmojiPictures(
        infrastructure.blobs,
        infrastructure.pictures,
        uploads(infrastructure.config.data),
        new_id=lambda: secrets.token_urlsafe(ID_BYTES),
    )
    return partial(files.threads.keep, pictures.keep)


def adding_uploads(
    emoji: EmojiManager, files: FileManager, attachments: FileAttachments, keep: Keep
) -> AddUpload:
    """Adds an emoji from an uploaded file, which is gone then."""

    def add(person: Person, wanted: AddEmoji) -> Future[CustomEmoji]:
        emoji.check(person, wanted.name, wanted.aliases)
        attachments.check(person, [wanted.file])
        return in_greenlet(lambda: added(person, wanted))

    def added(person: Person, wanted: AddEmoji) -> CustomEmoji:
        upload = files.upload(person, wanted.file)
        check_size(upload.bytes)
        data = b"".join(files.read(upload.sha256))
        one = wait(emoji.add(person, wanted.name, wanted.aliases, lambda claim: keep(data, claim)))
        try:
            wait(files.remove(person, wanted.file))
        except (ChatError, Conflict) as error:
            logger.info("The upload of an emoji goes in a day: %s", error)
        return one

    return add
