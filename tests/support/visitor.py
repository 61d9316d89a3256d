"""Somebody with a browser but no screen, at a real server: cookies, and forms with their token."""

import re
from pathlib import Path
from typing import Any

import requests

from tests.support.accounts import PASSWORD
from tests.support.server import Server
from tests.support.waiting import DEADLINE_SECONDS, wait_until


def server_with_admin(folder: Path, **settings: str) -> Server:
    """A server that runs and has the owner `admin`. It answers before it has made them."""
    server = Server(folder, {"CHATAPP_ADMIN_PASSWORD": PASSWORD, **settings}).start()
    wait_until(lambda: any("The data lies in" in line for line in server.log), what="the admin")
    return server


class Visitor:
    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.url + path, timeout=DEADLINE_SECONDS, **options)

    def submit(self, path: str, **fields: Any) -> requests.Response:
        """A form with its token; where it leads to is not followed."""
        return self.http.post(
            self.url + path,
            data={"csrf_token": self.token, **fields},
            timeout=DEADLINE_SECONDS,
            allow_redirects=False,
        )

    @property
    def token(self) -> str:
        """The token that the forms of every page have for this visitor."""
        page = self.get("/login?next=/account").text
        found = re.search('name="csrf_token" value="([^"]+)"', page)
        assert found
        return found[1]

    def sign_in(self, name: str = "admin") -> "Visitor":
        answer = self.submit("/login", name=name, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return self

    def close(self) -> None:
        self.http.close()
