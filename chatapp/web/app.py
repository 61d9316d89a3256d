"""The Flask application, whose views decide again if another process was faster."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue

from chatapp.tables.rerun import rerun


class ChatFlask(Flask):
    def dispatch_request(self) -> ResponseReturnValue:
        """The view's answer. A view has changed nothing when it fails with `Conflict`."""
        dispatch: Callable[[], Any] = super().dispatch_request
        answer: ResponseReturnValue = rerun(dispatch)
        return answer
