"""What people build of Flask-SocketIO for several processes: a message queue in Redis, and one
commit of SQLAlchemy for each message, before it is acked and broadcast.

python -m benchmarks.peers.flask_socketio_cluster PORT DATABASE REDIS
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from typing import Any  # noqa: E402

from flask import Flask, request  # noqa: E402
from flask_socketio import SocketIO, emit, join_room  # noqa: E402
from sqlalchemy import create_engine  # noqa: E402
from sqlalchemy.orm import (  # noqa: E402
    DeclarativeBase,
    Mapped,
    mapped_column,
    sessionmaker,
)

port, database, redis = sys.argv[1:]
app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", message_queue=redis)
engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://"), pool_size=20)
Session = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "message_of_flask"
    id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[str]
    sender: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[str]


Base.metadata.create_all(engine)


@socketio.on("connect")
def connect(auth: dict[str, Any]) -> None:
    join_room(auth["room"])


@socketio.on("message")
def message(payload: dict[str, Any]) -> dict[str, Any]:
    room, sender = payload.get("room", "general"), request.sid  # type: ignore[attr-defined]
    at = datetime.now(UTC)
    with Session() as session:
        row = Message(room=room, sender=sender, at=at, body=payload["text"])
        session.add(row)
        session.commit()
        relayed = {"seq": row.id, "room": room, "sender": sender, "at": at.isoformat()}
    relayed["text"] = payload["text"]
    emit("message", relayed, to=room, include_self=False)
    return {"ok": True, "message": relayed}


socketio.run(app, "127.0.0.1", int(port))
