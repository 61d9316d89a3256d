"""What a process tells the others of itself, for the console. Importing this needs no driver."""

import msgspec


class NodeStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`started` is a timestamp; `connections` are its clients; `n` is the number of the last
    message's record that it has."""

    version: str
    started: str
    connections: int
    n: int


decode_status = msgspec.json.Decoder(NodeStatus).decode
