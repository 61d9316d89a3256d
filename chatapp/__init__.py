"""A self-hosted chat: server, page, client and a log of every message.

The application factory is `chatapp.app.factory.create_app`. `chatapp.create_app` is the same, but
is imported on first use: the client and the command line are in this package too, and must not
load a web server.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatapp.app.factory import create_app

__version__ = "0.1.0"
__all__ = ["__version__", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from chatapp.app.factory import create_app  # noqa: PLC0415 - see above

        return create_app
    raise AttributeError(f"module 'chatapp' has no attribute {name!r}")
