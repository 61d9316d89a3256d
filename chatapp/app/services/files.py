"""The services of files, and of the chat's own emoji, whose pictures are files."""

from functools import cached_property

from chatapp.app.emoji import AddUpload, adding_uploads, keeping_pictures, make_emoji
from chatapp.app.files import make_attachments, make_files
from chatapp.app.services.rooms import RoomServices
from chatapp.features.emoji.commands import Keep
from chatapp.features.emoji.manager import EmojiManager
from chatapp.features.emoji.rows import EmojiRows
from chatapp.features.files.attaching import FileAttachments
from chatapp.features.files.copying import FileCopies
from chatapp.features.files.manager import FileManager
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
            is_emoji=self.emoji_rows.has_bytes,
        )

    @cached_property
    def files(self) -> FileManager:
        return self._files_and_copies[0]

    @cached_property
    def file_copies(self) -> FileCopies:
        return self._files_and_copies[1]

    @cached_property
    def emoji(self) -> EmojiManager:
        return make_emoji(
            self.infrastructure, self.emoji_rows, self.files, self.settings, self.audit
        )

    @cached_property
    def keep_emoji(self) -> Keep:
        """Makes and keeps the picture of an emoji."""
        return keeping_pictures(self.infrastructure, self.files)

    @cached_property
    def add_emoji(self) -> AddUpload:
        return adding_uploads(self.emoji, self.files, self.attachments, self.keep_emoji)
