"""The Flask application, whose views decide again if another process was faster, and whose log has
no secrets."""

from collections.abc import Callable
from types import TracebackType
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

from chatapp.tables.rerun import rerun


class ChatFlask(Flask):
    def dispatch_request(self) -> ResponseReturnValue:
        """The view's answer. A view has changed nothing when it fails with `Conflict`."""
        dispatch: Callable[[], Any] = super().dispatch_request
        answer: ResponseReturnValue = rerun(dispatch)
        return answer

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> None:
        """The rule of the address stands for it: addresses of webhooks and links are secrets."""
        where = request.url_rule or "an unknown address"
        self.logger.error("Exception at %s [%s]", where, request.method, exc_info=exc_info)
