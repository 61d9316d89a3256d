"""The table of the peers with SQLAlchemy, in an SQLite that has each commit on the disk."""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

CONNECTIONS = 1
"""SQLite has one writer at a time: who waits for it here does so without polling."""


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    room: Mapped[str]
    text: Mapped[str]
    at: Mapped[str]

    def as_json(self) -> dict[str, Any]:
        return {"room": self.room, "seq": self.id, "text": self.text, "at": self.at}


def open_database(file: str) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}",
        pool_size=CONNECTIONS,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": 30},
    )

    @event.listens_for(engine, "connect")
    def set_durable(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    Base.metadata.create_all(engine)
    return engine
