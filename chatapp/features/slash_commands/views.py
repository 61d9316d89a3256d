"""`POST /hooks/commands/<run>/<token>`: the `response_url` of a command, for later answers.

The address is the proof, as for incoming webhooks (incoming_webhooks/views.py).
"""

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from chatapp.domain.errors import TooLarge
from chatapp.features.slash_commands.runs import CommandRunner
from chatapp.features.slash_commands.slack_answers import MAX_ANSWER_BYTES
from chatapp.web.waiting import wait


def command_answers_blueprint(runner: CommandRunner) -> Blueprint:
    answers = Blueprint("command_answers", __name__)

    @answers.post("/hooks/commands/<run>/<token>")
    def answer(run: str, token: str) -> Response:
        wait(runner.respond(run, token, _body(), request.content_type or ""))
        return Response("ok", mimetype="text/plain")

    return answers


def _body() -> bytes:
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        body = None
    if body is None or len(body) > MAX_ANSWER_BYTES:
        raise TooLarge(f"An answer has at most {MAX_ANSWER_BYTES // 1024} KB.")
    return body
