"""A small chat with a bit of everything, to export it for another chat."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatapp.domain.model import Draft, Room, SystemLine
from chatapp.features.accounts.model import Account, Retired
from chatapp.store.data_folder import DataFolder
from chatapp.store.message_log import MessageLog
from chatapp.tables.directory import Directory

START = datetime(2026, 3, 1, 9, 30, 0, 123_000, tzinfo=UTC)
ACCOUNTS = {
    "Ada Lovelace": ("owner", {"email": "ada@acme.test", "display_name": "Ada"}),
    "Łucja": ("member", {}),
    "bo": ("member", {"email": "ada@acme.test"}),
    "deploys": ("bot", {}),
}
ROOMS = (
    Room(name="general", title="Everyone"),
    Room(name="ops", title="Ops & co", topic="What runs"),
    Room(name="board", title="The Board", kind="private", members={"id bo": "bo"}),
    Room(
        name="direct-1",
        title="Ada Lovelace, bo",
        kind="direct",
        members={"id Ada Lovelace": "Ada Lovelace", "id bo": "bo"},
    ),
    Room(
        name="direct-2",
        title="Ada Lovelace, bo, Łucja",
        kind="direct",
        group=True,
        members={"id Ada Lovelace": "Ada Lovelace", "id bo": "bo", "id Łucja": "Łucja"},
    ),
    Room(name="empty", title="Empty"),
    Room(name="gone", title="Gone", deleted_at="2026-02-01T00:00:00.000Z"),
)


class TargetChat:
    """A data folder that is written without a server. Each event is a second after the one
    before."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._at = START
        DataFolder.open(data).close()
        with closing(Directory.open(data / "directory")) as directory:
            self._put_rows(directory)

    def say(self, text: str = "", sender: str = "Ada Lovelace", **more: object) -> int:
        """The seq of a message, or of what is done to one."""
        draft = Draft(
            **{"room": "ops", "sender": sender, "by": f"id {sender}", "text": text or None} | more  # type: ignore[arg-type]
        )
        with closing(MessageLog.open(self.data / "messages", clock=self._clock)) as messages:
            return messages.append(draft).result().event.seq

    def skip(self, days: int) -> None:
        self._at += timedelta(days=days)

    def moment(self, seconds: int) -> str:
        """When the event after so many others was."""
        at = START + timedelta(seconds=seconds)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _clock(self) -> datetime:
        at, self._at = self._at, self._at + timedelta(seconds=1)
        return at

    def _put_rows(self, directory: Directory) -> None:
        accounts = directory.table("accounts", Account)
        for number, (name, (role, more)) in enumerate(ACCOUNTS.items()):
            row = Account(
                id=f"id {name}",
                name=name,
                role=role,  # type: ignore[arg-type]
                password="",
                created_at=f"2026-01-0{number + 1}T00:00:00.000Z",
                **more,  # type: ignore[arg-type]
            )
            accounts.put(row.key, row).result()
        former = Retired(name="cy", id="id cy", removed_at="2026-01-09T00:00:00.000Z")
        directory.table("retired", Retired).put("cy", former).result()
        for room in ROOMS:
            directory.table("rooms", Room).put(room.name, room).result()
        directory.table("joined", list[str]).put("id bo", ["ops"]).result()
        directory.table("joined", list[str]).put("id Łucja", ["ops", "empty"]).result()


def talk(chat: TargetChat) -> None:
    """Threads, edits, reactions, deletions, and words that mean something elsewhere."""
    chat.say("Ask @ada lovelace or @Łucja in #board, @room: `@bo #board` 🎉", "bo")
    chat.say("fixd", "Łucja")
    chat.say("in the thread", "bo", thread=1)
    chat.say("between")
    chat.say("fixed", "Łucja", type="edit", target=2)
    chat.say(sender="bo", type="react", target=2, emoji="👍", on=True)
    chat.say(sender="Łucja", type="react", target=2, emoji=":party:", on=True)
    chat.say("a secret slip", "bo")
    chat.say(sender="bo", type="delete", target=8)
    chat.say("also in the room", "Łucja", thread=1, also_to_room=True)
    chat.say("a lost root", "bo")
    chat.say("its reply", "Łucja", thread=11)
    chat.say(sender="bo", type="delete", target=11)
    chat.say("/me waves", "cy")
    chat.say("done", "deploys")
    chat.say("I am a guest", "Gus", by="guest 1")
    chat.say("bo joined", "bo", system=SystemLine(what="joined"))
    chat.say("bo set the topic to “What runs”", "bo", system=SystemLine(what="topic"))
    chat.say("hello all", room="general")
    chat.say("for the board", "bo", room="board")
    chat.say("for bo", room="direct-1")
    chat.say("for three", "Łucja", room="direct-2")
    chat.say("of a deleted room", room="gone")
