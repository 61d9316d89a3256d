"""Answers what other processes of the chat pass on (`forwarding.py`), and nothing else.

The request must be signed, and its session must be one of this process: it is never passed on
again, and opens nothing.
"""

from collections.abc import Iterable
from urllib.parse import parse_qs

from chatapp.transport.http.engineio_endpoint import PATH, EngineIOEndpoint, StartResponse
from chatapp.transport.http.forwarding import CONTINUE
from chatapp.transport.http.http_server import HANDLER, RequestHandler
from chatapp.transport.http.origins import Environ
from chatapp.transport.peers import Peers
from chatapp.transport.wire import passed_on


class InternalEndpoint:
    def __init__(self, endpoint: EngineIOEndpoint, peers: Peers) -> None:
        self._endpoint = endpoint
        self._peers = peers

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        handler: RequestHandler = environ[HANDLER]
        handler.close_connection = True
        if not self._accept(environ, handler):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return []
        handler.socket.sendall(CONTINUE)
        return self._endpoint.handle(environ, start_response)

    def _accept(self, environ: Environ, handler: RequestHandler) -> bool:
        """Take the client's address and scheme from the header, if it is valid."""
        client = passed_on.verify(
            self._peers.key,
            self._peers.now(),
            environ["REQUEST_METHOD"],
            handler.path or "",
            environ.pop(passed_on.KEY, ""),
        )
        if client is None or not self._is_for_a_session_of_ours(environ):
            return False
        environ["REMOTE_ADDR"], environ["wsgi.url_scheme"] = client
        return True

    def _is_for_a_session_of_ours(self, environ: Environ) -> bool:
        query = parse_qs(environ["QUERY_STRING"])
        return (
            environ["PATH_INFO"].startswith(PATH)
            and "sid" in query
            and self._peers.owner_of(query["sid"][0]) is None
        )
