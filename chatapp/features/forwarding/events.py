"""The event handlers `forward` and `original`. Everybody hears what is forwarded by the feed,
whoever forwards it too."""

from chatapp.domain.future import Future
from chatapp.features.forwarding.manager import ForwardManager
from chatapp.features.handlers import receive
from chatapp.protocol import events
from chatapp.protocol.answers import ForwardedMessages, OriginalMessage
from chatapp.protocol.requests import FindOriginal, ForwardMessages
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, manager: ForwardManager) -> None:
    def forward(connection: Connection, payload: ForwardMessages) -> Future[ForwardedMessages]:
        forwarded = manager.forward(connection.person, payload)
        return forwarded.then(lambda seqs: ForwardedMessages(seqs=seqs))

    def original(connection: Connection, payload: FindOriginal) -> OriginalMessage:
        room, seq = manager.original(connection.person, payload)
        return OriginalMessage(room=room, seq=seq)

    receive(realtime, events.FORWARD, forward)
    receive(realtime, events.ORIGINAL, original)
