"""Setting up an agent: the same on the command line and in the console."""

import json
from collections.abc import Collection

from chatapp.domain.errors import BadPayload
from chatapp.domain.scopes import OF_AGENTS


def require_rooms(scopes: Collection[str], rooms: Collection[str] | None) -> None:
    """Raises `BadPayload` if a bot without a list of rooms would be an agent."""
    if OF_AGENTS & set(scopes) and not rooms:
        raise BadPayload("An agent needs the list of the rooms that it may read.")


def agent_configuration(name: str, url: str, token: str) -> str:
    """What programs that speak MCP have in their configurations, as JSON."""
    server = {"command": "chatapp", "args": ["mcp", url], "env": {"CHATAPP_TOKEN": token}}
    return json.dumps({"mcpServers": {name: server}}, indent=2, ensure_ascii=False)
