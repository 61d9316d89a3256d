"""MCP over HTTP on this machine: `chatapp mcp … --http PORT`.

    who knows the token ── 401 ── whose Host and Origin are this machine ── 421, 403 ── MCP

It listens on 127.0.0.1 only. A page in the browser of this machine can send requests here, also
under a name that its owner points here; so every request shows the door's own token, and names
this door as its host, and as its origin if it has one.
"""

import hmac

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
PATH = "/mcp"
MAX_BODY_BYTES = 256 * 1024
"""Of a request. A draft is far shorter."""


def serve_http(server: MCPServer, port: int, token: str) -> None:
    """Serve until the process is asked to end. Raises `OSError` if the port is taken."""
    security = TransportSecuritySettings(
        allowed_hosts=[f"{HOST}:{port}", f"localhost:{port}"],
        allowed_origins=[f"http://{HOST}:{port}", f"http://localhost:{port}"],
    )
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        host=HOST,
        transport_security=security,
        max_request_body_size=MAX_BODY_BYTES,
    )
    uvicorn.run(RequireToken(app, token), host=HOST, port=port, log_level="warning")


def address(port: int) -> str:
    return f"http://{HOST}:{port}{PATH}"


class RequireToken:
    """Lets only requests in that show this token, as `Authorization: Bearer TOKEN`."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        refused = PlainTextResponse(
            "Send the token that chatapp mcp has printed, as Authorization: Bearer TOKEN.",
            401,
            {"WWW-Authenticate": "Bearer"},
        )
        await refused(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        shown = [value for name, value in scope.get("headers", ()) if name == b"authorization"]
        return len(shown) == 1 and hmac.compare_digest(shown[0], self._expected)
