"""Creates the parts of the chat's own emoji."""

from collections.abc import Callable
from functools import partial

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.uploaded_pictures import SharedBytesOfFiles, UploadedPictures
from chatapp.domain import clock
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.features.audit.manager import Audit
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.emoji.standard import standard_names
from chatapp.features.files.manager import FileManager
from chatapp.features.settings.manager import SettingsManager
from chatapp.protocol.requests import AddEmoji
from chatapp.protocol.values import CustomEmoji
from chatapp.transport import EVERYONE

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
        SharedBytesOfFiles(files),
        makers=lambda: settings.now.emoji_makers,
        standard=standard_names,
        clock=clock.now,
        tell=partial(infrastructure.realtime.broadcast, "emoji", room=EVERYONE),
        note=audit,
    )


def adding_uploads(emoji: EmojiManager, uploaded: UploadedPictures) -> AddUpload:
    """Adds an emoji from an uploaded file, which is gone then."""

    def add(person: Person, wanted: AddEmoji) -> Future[CustomEmoji]:
        emoji.check(person, wanted.name, wanted.aliases)
        return uploaded.use(
            person,
            wanted.file,
            "emoji",
            lambda make: emoji.add(person, wanted.name, wanted.aliases, make),
        )

    return add
