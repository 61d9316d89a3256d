"""Who may hear a room, at the moment in which a stream begins to hear it."""

import pytest

from chatapp.domain.errors import NoSuchRoom
from chatapp.domain.future import Future
from chatapp.domain.model import Person, Room
from chatapp.features.streams.following import Following, OpenStream
from chatapp.protocol.answers import ResumedEvents
from chatapp.transport import Connection

ANA = Person(name="ana", id="the key of ana")


class Catching:
    """A chat whose log has to catch up with other processes first, which lets one wait."""

    epoch = "epoch"

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.members = {"vault"}
        self.is_removing = False

    def find_room(self, _person, name):
        if name not in self.members:
            raise NoSuchRoom("There is no such room.")
        return Room(name=name, title=name)

    def resume(self, _person, _asked):
        if self.is_removing:
            self.members.clear()
        return Future.of(
            ResumedEvents(recovered=False, events=[], more=False, head=1, epoch=self.epoch)
        )

    def head(self, _room):
        return 1

    def charge(self, _connection, _weight):
        return 0

    def listen(self, _connection, _person):
        pass

    def hear(self, _connection, room):
        self.heard.append(room)

    def send(self, _connection, _event, _payload):
        pass


@pytest.mark.parametrize("is_removed", [False, True])
def test_who_is_removed_while_a_stream_begins_does_not_hear_the_room(is_removed):
    chat = Catching()
    chat.is_removing = is_removed
    following = Following(chat, chat, chat, chat.find_room)
    stream = OpenStream(Connection("id", "sid", "127.0.0.1", {}), None, None)

    try:
        following.follow_room(stream, ANA, "vault", after=9)
    except NoSuchRoom:
        assert is_removed

    assert chat.heard == ([] if is_removed else ["vault"])
