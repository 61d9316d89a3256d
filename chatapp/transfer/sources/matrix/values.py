"""What the JSON of a room that Element exports is made of, as far as it is read."""

import msgspec

from chatapp.domain.structs import prepare


class MatrixReply(msgspec.Struct):
    event_id: str | None = None


class MatrixRelation(msgspec.Struct):
    """What an event has to do with another one: `rel_type` is `m.thread`, `m.annotation`,
    `m.replace`, or none for a plain answer."""

    rel_type: str | None = None
    event_id: str | None = None
    key: str | None = None
    is_falling_back: bool = False
    in_reply_to: MatrixReply | None = msgspec.field(default=None, name="m.in_reply_to")


class MatrixNewContent(msgspec.Struct):
    body: str | None = None


class MatrixFileInfo(msgspec.Struct):
    size: int | None = None


class MatrixContent(msgspec.Struct):
    """`membership` and `displayname` are those of a member; `name` and `topic` those of a room."""

    msgtype: str | None = None
    body: str | None = None
    filename: str | None = None
    url: str | None = None
    info: MatrixFileInfo | None = None
    membership: str | None = None
    displayname: str | None = None
    name: str | None = None
    topic: str | None = None
    redacts: str | None = None
    relates_to: MatrixRelation | None = msgspec.field(default=None, name="m.relates_to")
    new_content: MatrixNewContent | None = msgspec.field(default=None, name="m.new_content")


class MatrixEvent(msgspec.Struct):
    type: str
    sender: str
    event_id: str
    origin_server_ts: int
    content: MatrixContent
    room_id: str | None = None
    state_key: str | None = None
    redacts: str | None = None

    @property
    def about(self) -> str | None:
        """The id of the event that this one changes, or whose thread it is in."""
        relation = self.content.relates_to
        return relation.event_id if relation else None

    @property
    def answered(self) -> str | None:
        """The id of the event that this one answers."""
        relation = self.content.relates_to
        return relation.in_reply_to.event_id if relation and relation.in_reply_to else None

    @property
    def relation(self) -> str:
        """`m.thread`, `m.annotation`, `m.replace`; empty for anything else."""
        relation = self.content.relates_to
        return (relation and relation.rel_type) or ""


class MatrixHead(msgspec.Struct):
    """What stands before the messages."""

    room_name: str
    export_date: str
    room_creator: str | None = None
    topic: str | None = None


prepare([MatrixHead, MatrixEvent])
