"""The event handlers `vote`, `voters` and `close_poll`; and what the other devices of a person are
told of their votes."""

import msgspec

from chatapp.domain.future import Future
from chatapp.domain.limits import MAX_VOTERS_AT_ONCE
from chatapp.domain.model import Event, Person
from chatapp.features.handlers import receive
from chatapp.features.polls.manager import PollManager
from chatapp.features.presence.events import RoomSubscriptions
from chatapp.ports import Broker
from chatapp.protocol import events
from chatapp.protocol.answers import ChangedMessage, VoterList
from chatapp.protocol.pushes import OwnVoteChange
from chatapp.protocol.requests import ClosePoll, ListVoters, Vote
from chatapp.transport import Connection, Realtime

TOPIC = "vote"


class VoteElsewhere(msgspec.Struct, frozen=True):
    """For other processes: the person with this id has voted. Not stored anywhere."""

    id: str
    vote: OwnVoteChange


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(VoteElsewhere).decode


def register(
    realtime: Realtime, manager: PollManager, subscriptions: RoomSubscriptions, broker: Broker
) -> None:
    def vote(connection: Connection, payload: Vote) -> Future[ChangedMessage]:
        voted = manager.vote(connection.person, payload, connection.sid)
        return voted.then(lambda event: answered(connection, event))

    def answered(connection: Connection, event: Event | None) -> ChangedMessage:
        if event is None:
            return ChangedMessage(event=None)
        change = OwnVoteChange(room=event.room, seq=event.target or 0, own=event.vote or [])
        subscriptions.tell_others(connection, "vote", change)
        broker.publish(TOPIC, _encode(VoteElsewhere(connection.person.id, change)))
        return as_told(connection.person, event)

    def close(connection: Connection, payload: ClosePoll) -> Future[ChangedMessage]:
        closed = manager.close(connection.person, payload, connection.sid)
        return closed.then(
            lambda event: as_told(connection.person, event) if event else ChangedMessage(event=None)
        )

    def as_told(person: Person, event: Event) -> ChangedMessage:
        return ChangedMessage(event=manager.told_to(person, event.room, [event])[0])

    def voters(connection: Connection, payload: ListVoters) -> VoterList:
        found = manager.voters(connection.person, payload)
        is_full = len(found) == (payload.limit or MAX_VOTERS_AT_ONCE)
        return VoterList(
            names=[one.name for one in found], after=found[-1].seq if is_full else None
        )

    def voted_elsewhere(told: bytes) -> None:
        voted = _decode(told)
        if person := subscriptions.person(voted.id):
            subscriptions.tell(person, "vote", voted.vote)

    receive(realtime, events.VOTE, vote)
    receive(realtime, events.VOTERS, voters)
    receive(realtime, events.CLOSE_POLL, close)
    broker.subscribe(TOPIC, voted_elsewhere)
