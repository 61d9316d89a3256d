"""A self-hosted chat: server, page, client and a log of every message.

The application factory is `chatapp.app.factory.create_app`; `chatapp.transfer.frame.frame` makes a
data frame of the log. `chatapp.create_app` and `chatapp.frame` are the same, but are imported on
first use: the client and the command line are in this package too, and must not load a web server.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatapp.app.factory import create_app
    from chatapp.transfer.frame import frame

_HOMES = {"create_app": "chatapp.app.factory", "frame": "chatapp.transfer.frame"}

__version__ = "0.1.0"
__all__ = ["__version__", "create_app", "frame"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'chatapp' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
