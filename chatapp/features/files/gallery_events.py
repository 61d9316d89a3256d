"""The event handler `files`."""

from chatapp.domain.future import Future
from chatapp.features.files.gallery import Gallery
from chatapp.features.handlers import receive
from chatapp.index.reader import FilesPage
from chatapp.protocol import events
from chatapp.protocol.answers import FoundFiles
from chatapp.protocol.requests import ListFiles
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, gallery: Gallery) -> None:
    def files(connection: Connection, payload: ListFiles) -> Future[FoundFiles]:
        def answer(page: FilesPage) -> FoundFiles:
            return FoundFiles(files=page.files, more=page.more)

        return gallery.page(connection.person, payload).then(answer)

    receive(realtime, events.FILES, files)
