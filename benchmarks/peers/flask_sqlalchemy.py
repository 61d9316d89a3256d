"""Messages into SQLite with Flask and SQLAlchemy, one insert a commit, as small services do it.

gunicorn --worker-class gthread … 'benchmarks.peers.flask_sqlalchemy:create_app("FILE")'
"""

from datetime import UTC, datetime

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from benchmarks.peers.sqlalchemy_messages import Message, open_database


def create_app(file: str) -> Flask:
    app = Flask(__name__)
    engine = open_database(file)

    @app.post("/api/v1/rooms/<room>/messages")
    def post(room: str) -> ResponseReturnValue:
        text = request.get_json()["text"]
        with Session(engine) as session:
            message = Message(room=room, text=text, at=datetime.now(UTC).isoformat())
            session.add(message)
            session.commit()
            return {"ok": True, "message": message.as_json()}, 201

    return app
