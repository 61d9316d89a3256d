"""Messages into SQLite with FastAPI and SQLAlchemy, one insert a commit, as small services do it.

uvicorn --factory …; the file is in DATABASE
"""

import os
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.orm import Session

from benchmarks.peers.sqlalchemy_messages import Message, open_database


class Post(BaseModel):
    text: str


def create_app() -> FastAPI:
    app = FastAPI()
    engine = open_database(os.environ["DATABASE"])

    @app.post("/api/v1/rooms/{room}/messages", status_code=201)
    def post(room: str, wanted: Post) -> dict[str, Any]:
        with Session(engine) as session:
            message = Message(room=room, text=wanted.text, at=datetime.now(UTC).isoformat())
            session.add(message)
            session.commit()
            return {"ok": True, "message": message.as_json()}

    return app
