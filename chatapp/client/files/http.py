"""HTTP requests to the chat, as the person that the client is over Socket.IO.

docs/protocol.md, "Over HTTP". Proxies are those of the environment; a `.netrc` does not count.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import msgspec
import requests
from requests.auth import AuthBase

from chatapp.client.address import is_local
from chatapp.client.errors import ConnectionFailed, refusal_of
from chatapp.domain.errors import (
    ChatError,
    NotAllowed,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unavailable,
    WrongOffset,
)

CONNECT_SECONDS = 10.0
"""Also how long a part of a body may take until the network has it."""
ANSWER_SECONDS = 20.0
"""How long nothing may come until the network counts as lost."""

_OF_STATUS: dict[int, type[ChatError]] = {
    401: Unauthorized,
    403: NotAllowed,
    404: NotFound,
    409: WrongOffset,
    410: NotFound,
    413: TooLarge,
    423: WrongOffset,
    429: RateLimited,
    502: ConnectionFailed,
    503: Unavailable,
    504: ConnectionFailed,
}
"""Errors of answers that do not say more: to HEAD, or of a proxy."""


class HttpSession:
    """Requests one after the other, on one connection if possible. For one thread."""

    def __init__(self, url: str, http: requests.Session) -> None:
        self._url = url
        self._http = http

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        *,
        stream: bool = False,
        silent_seconds: float = ANSWER_SECONDS,
    ) -> requests.Response:
        """The answer; raises the `ChatError` of a refusal, or `ConnectionFailed`."""
        try:
            answer = self._http.request(
                method,
                self._url + path,
                headers=dict(headers or {}),
                data=body,
                stream=stream,
                timeout=(CONNECT_SECONDS, silent_seconds),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise ConnectionFailed(f"The connection to {self._url} failed: {error}") from None
        if not 200 <= answer.status_code < 300:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: requests.Response) -> ChatError:
        after = answer.headers.get("Retry-After", "")
        retry_after = float(after) if after.isascii() and after.isdigit() else None
        with answer:
            problem = _problem(answer)
        if problem is not None:
            return refusal_of({"retry_after": retry_after, **problem})
        error = _OF_STATUS.get(answer.status_code, ConnectionFailed)
        return error(f"{self._url} answers {answer.status_code}.", retry_after=retry_after)


class ChatHttp:
    """The chat's HTTP side. `auth` is that of the Socket.IO handshake."""

    def __init__(self, url: str, auth: Mapping[str, str]) -> None:
        self._url = url
        self._authorization = _Authorization(auth)

    @contextmanager
    def session(self) -> Iterator[HttpSession]:
        with requests.Session() as http:
            http.trust_env = not is_local(self._url)  # a proxy cannot reach this machine
            http.auth = self._authorization
            http.headers["Accept"] = "application/json"
            http.headers["Accept-Encoding"] = "identity"
            yield HttpSession(self._url, http)


class _Authorization(AuthBase):
    """Says who asks. As an `auth` of requests, it comes before a `.netrc`."""

    def __init__(self, auth: Mapping[str, str]) -> None:
        name, key = (quote(auth.get(part, ""), safe="") for part in ("name", "key"))
        token = auth.get("token")
        self._header = f"Guest {name}:{key}" if token is None else f"Bearer {token}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


def _problem(answer: requests.Response) -> dict[str, Any] | None:
    """The `error` of a refusal in JSON; None if the answer has none."""
    try:
        said = msgspec.json.decode(answer.content)
    except (requests.RequestException, msgspec.DecodeError):
        return None
    problem = said.get("error") if isinstance(said, dict) else None
    return problem if isinstance(problem, dict) else None
