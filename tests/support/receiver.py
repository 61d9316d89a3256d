"""A program that outgoing webhooks call, over a real socket."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.support.waiting import wait_until


class Receiver(ThreadingHTTPServer):
    """Keeps what it gets; answers with `status` and `body`, and at the path `gone` that it is."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.body = b"{}"
        self.gone = ""
        Thread(target=self.serve_forever, args=[0.01], daemon=True).start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def texts(self) -> list[str]:
        bodies = [json.loads(body) for _, body in self.got]
        return [body["data"]["text"] for body in bodies if body["type"] == "message.posted"]

    def wait_for(self, *texts: str) -> None:
        wait_until(lambda: set(texts) <= set(self.texts), what=f"{texts} to arrive")


class _Connection(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_gone = self.path == self.server.gone
        if not is_gone:
            self.server.got.append((dict(self.headers.items()), body))
        self.send_response(410 if is_gone else self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: Any) -> None:
        pass
