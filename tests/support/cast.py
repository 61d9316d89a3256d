"""People with accounts, for tests with a running server: made by the command line, in by token."""

import socketio

from tests.support import closing
from tests.support.accounts import PASSWORD
from tests.support.server import Server, environment
from tests.support.warm import run_warm

COMMAND_SECONDS = 60.0


def chatapp(server: Server, *args: str, input: str = "") -> str:
    """`chatapp ARGS` beside the running server; what it printed."""
    done = run_warm(
        args,
        environment({"CHATAPP_DATA": str(server.data)}),
        input=input,
        timeout=COMMAND_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def with_account(server: Server, name: str, role: str = "member") -> socketio.SimpleClient:
    """Somebody with a new account, connected, who may do all that their role may."""
    return with_token(server, new_token(server, name, role))


def new_token(
    server: Server, name: str, role: str, scopes: tuple[str, ...] = ("read", "write", "admin")
) -> str:
    """For a new account: whoever has it may do all that the role and the scopes may."""
    add_account(server, name, role)
    given = [word for scope in scopes for word in ("--scope", scope)]
    return chatapp(server, "token", "create", name, "a test", *given)


def add_account(server: Server, name: str, role: str = "member") -> None:
    chatapp(server, "user", "add", name, "--role", role, "--password-stdin", input=PASSWORD)


def with_token(server: Server, token: str) -> closing.SimpleClient:
    client = closing.SimpleClient()
    client.connect(server.url, auth={"token": token}, transports=["websocket"])
    return client
