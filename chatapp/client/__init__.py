"""The Python client and the terminal. They use the protocol, never the server's code.

    from chatapp.client import ChatClient

The names below are imported on first use: `chatapp send --help` is in this package too, and must
not wait for a Socket.IO library.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chatapp.client.agent.agent_client import AgentClient
    from chatapp.client.bot.bot import Bot
    from chatapp.client.bot.event import BotEvent
    from chatapp.client.chat import ChatClient
    from chatapp.client.errors import ClientClosed, ConnectionFailed, NotAcknowledged
    from chatapp.client.messages import Messages

_HOMES = {
    "AgentClient": "chatapp.client.agent.agent_client",
    "Bot": "chatapp.client.bot.bot",
    "BotEvent": "chatapp.client.bot.event",
    "ChatClient": "chatapp.client.chat",
    "ClientClosed": "chatapp.client.errors",
    "ConnectionFailed": "chatapp.client.errors",
    "Messages": "chatapp.client.messages",
    "NotAcknowledged": "chatapp.client.errors",
}

__all__ = [
    "AgentClient",
    "Bot",
    "BotEvent",
    "ChatClient",
    "ClientClosed",
    "ConnectionFailed",
    "Messages",
    "NotAcknowledged",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'chatapp.client' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
