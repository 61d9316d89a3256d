"""The event handlers `proofs` and `checkpoints`."""

from chatapp.domain.future import Future
from chatapp.features.checkpoints.event_prover import EventProver
from chatapp.features.checkpoints.rows import CheckpointRows
from chatapp.features.handlers import receive
from chatapp.protocol import events
from chatapp.protocol.answers import CheckpointsPage, ProofsPage
from chatapp.protocol.requests import ListCheckpoints, ReadProofs
from chatapp.transport import Connection, Realtime


def register(realtime: Realtime, prover: EventProver, rows: CheckpointRows) -> None:
    def proofs(connection: Connection, payload: ReadProofs) -> Future[ProofsPage]:
        return prover.page(connection.person, payload)

    def checkpoints(_connection: Connection, payload: ListCheckpoints) -> CheckpointsPage:
        return rows.page(payload.after)

    receive(realtime, events.PROOFS, proofs)
    receive(realtime, events.CHECKPOINTS, checkpoints)
