"""A self-hosted chat: server, page, client and a log of every message.

The application factory is `chatapp.factory.create_app`. It is offered here by its
short name too, but imported only when asked for: the client and the command line
live in this package as well, and must not load a web server to say hello.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatapp.factory import create_app

__version__ = "0.1.0"
__all__ = ["__version__", "create_app"]


def __getattr__(name: str) -> Any:
    if name == "create_app":
        from chatapp.factory import create_app  # noqa: PLC0415 - see above

        return create_app
    raise AttributeError(f"module 'chatapp' has no attribute {name!r}")
