"""The services of files, and of what has pictures that are kept with them: the chat's own emoji,
and the photos of people."""

from functools import cached_property

from chatapp.app.emoji import AddUpload, adding_uploads, make_emoji
from chatapp.app.files import make_attachments, make_files
from chatapp.app.photos import ChangePhotoOf, changing_photos
from chatapp.app.services.rooms import RoomServices
from chatapp.app.uploaded_pictures import SharedBytesOfFiles, UploadedPictures
from chatapp.domain import clock
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.copying import FileCopies
from chatapp.features.files.manager import FileManager
from chatapp.features.files.small_pictures import KeepPicture
from chatapp.features.photos.manager import PhotoManager
from chatapp.features.scheduled.rows import ScheduledRows


class FileServices(RoomServices):
    @cached_property
    def scheduled_rows(self) -> ScheduledRows:
        return ScheduledRows(self.directory)

    @cached_property
    def emoji_rows(self) -> EmojiRows:
        return EmojiRows(self.directory)

    @cached_property
    def attachments(self) -> FileAttachments:
        return make_attachments(self.infrastructure)

    @cached_property
    def _files_and_copies(self) -> tuple[FileManager, FileCopies]:
        return make_files(
            self.infrastructure,
            self.attachments,
            self.settings,
            self.rooms,
            self.limits,
            is_scheduled=self.scheduled_rows.has_file,
            is_held=self._is_held,
        )

    @cached_property
    def files(self) -> FileManager:
        return self._files_and_copies[0]

    @cached_property
    def file_copies(self) -> FileCopies:
        return self._files_and_copies[1]

    @cached_property
    def uploaded_pictures(self) -> UploadedPictures:
        return UploadedPictures(self.infrastructure, self.files, self.attachments)

    @cached_property
    def emoji(self) -> EmojiManager:
        return make_emoji(
            self.infrastructure, self.emoji_rows, self.files, self.settings, self.audit
        )

    @cached_property
    def keep_emoji(self) -> KeepPicture:
        return self.uploaded_pictures.keeping("emoji")

    @cached_property
    def add_emoji(self) -> AddUpload:
        return adding_uploads(self.emoji, self.uploaded_pictures)

    @cached_property
    def photos(self) -> PhotoManager:
        return PhotoManager(
            self.photo_rows,
            SharedBytesOfFiles(self.files),
            account=self.accounts.registry.find,
            check_unmuted=self.moderation.check_unmuted,
            clock=clock.now,
            tell=self.profiles.tell_of,
            pace=self.profile_pace,
            note=self.audit,
        )

    @cached_property
    def keep_photo(self) -> KeepPicture:
        return self.uploaded_pictures.keeping("photo")

    @cached_property
    def change_photo(self) -> ChangePhotoOf:
        return changing_photos(self.photos, self.profiles, self.uploaded_pictures)

    def _is_held(self, digest: str) -> bool:
        """Whether an emoji or a photo has these bytes."""
        return self.emoji_rows.has_bytes(digest) or self.photo_rows.has_bytes(digest)
