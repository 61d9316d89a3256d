"""`chatapp mcp`: the tools of an agent, for any program that speaks the Model Context Protocol."""

import importlib
import secrets
import sys
from typing import Any

import click

from chatapp.cli.follow import address_of_chat
from chatapp.client.agent.agent_client import AgentClient
from chatapp.client.terminal import exits
from chatapp.domain.errors import ChatError
from chatapp.domain.visible import visible
from chatapp.exit_codes import OTHER

TOKEN_BYTES = 24


@click.command()
@click.argument("url", callback=address_of_chat)
@click.option(
    "--token", envvar="CHATAPP_TOKEN", required=True, help="That of an agent.  [CHATAPP_TOKEN]"
)
@click.option(
    "--http",
    "port",
    type=click.IntRange(1, 65535),
    help="Serve HTTP on this port of 127.0.0.1, instead of standard input and output.",
)
@click.option(
    "--http-token",
    envvar="CHATAPP_MCP_TOKEN",
    help="What a request over HTTP shows; a new one if it is not given.  [CHATAPP_MCP_TOKEN]",
)
def mcp(url: str, token: str, port: int | None, http_token: str | None) -> None:
    """Serve the rooms of the chat at URL to an agent, by the Model Context Protocol.

    `chatapp bot add NAME --owner OWNER --rooms ROOM,… --agent` makes an agent, and prints what to
    paste into its configuration. The chat decides what it may read and write.
    """
    serving = _needed("chatapp.client.agent.mcp_server")
    try:
        server = serving.make_mcp_server(AgentClient(url, token))
        if port is None:
            server.run("stdio")
        else:
            _serve_http(server, port, http_token)
    except ChatError as error:
        _say(error.message)
        sys.exit(exits.exit_code(error))
    except OSError as error:
        _say(exits.in_words(error))
        sys.exit(OTHER)
    except KeyboardInterrupt:
        sys.exit(exits.INTERRUPTED)


def _serve_http(server: Any, port: int, token: str | None) -> None:
    door = _needed("chatapp.client.agent.http_door")
    _say(f"MCP at {door.address(port)}")
    if not token:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        _say(f"Authorization: Bearer {token}")
    door.serve_http(server, port, token)


def _needed(module: str) -> Any:
    """A module that needs the package mcp."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.partition(".")[0] == "chatapp":
            raise
        _say("This needs the package mcp: pip install 'chatapp[mcp]'")
        sys.exit(OTHER)


def _say(line: str) -> None:
    click.echo(f"chatapp: {visible(line)}", err=True)
