"""A call to another host, and what came of it: what the server asks of the helper process."""

from typing import Literal

import msgspec

Reason = Literal[
    "bad_url",  # no http or https URL that may be called
    "bad_port",  # a port that is not called, and no admin allows the host
    "not_public",  # the host is not on the internet, and no admin allows it
    "not_found",  # the name has no address
    "unreachable",  # no connection, or it broke
    "timeout",
    "too_big",
    "bad_answer",  # no HTTP, or a body that cannot be decoded
    "redirected",  # more often than the call follows
    "busy",  # too many calls wait already, or the helper process has ended
]


class OutboundError(Exception):
    """A call that got no answer. The message is one sentence for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Call(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A request. It ends after `seconds`, redirects included; of the body, at most `max_bytes` are
    read, decoded. A longer one is an error, or with `cut`, its beginning is the answer.

    `allowed` are hosts, as `host` or `host:port`, that may be called although they are not public,
    and at any port. `ports` None means any. `types` are the beginnings of content types whose
    bodies are read; of others, the body stays empty.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = {}
    body: bytes = b""
    seconds: float = 5.0
    max_bytes: int = 512 * 1024
    cut: bool = False
    redirects: int = 0
    ports: tuple[int, ...] | None = (80, 443)
    allowed: frozenset[str] = frozenset()
    types: tuple[str, ...] | None = None


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The answer of the last host. `url` is the one that answered; names of headers are lower
    case."""

    status: int
    url: str
    headers: dict[str, str]
    body: bytes


class CallsInTurn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Calls that are made one after the other. The first one whose answer is not 2xx is the last;
    so is the one that ends after so many `seconds`."""

    calls: list[Call]
    seconds: float


class PageCall(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Asks what a page says of itself, in at most `seconds`; `allowed` as in a `Call`."""

    url: str
    seconds: float
    allowed: frozenset[str] = frozenset()


class WebPage(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a page says of itself, as plain text; what it does not say is empty. `image` are the
    bytes of its picture, as the host gave them."""

    url: str
    title: str
    text: str
    site: str
    image: bytes = b""


class Failure(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An `OutboundError`, between processes."""

    reason: Reason
    message: str


class AnswersInTurn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The milliseconds and what came of each of the `CallsInTurn` that was made."""

    answers: list[tuple[int, Reply | Failure]]


Wanted = Call | PageCall | CallsInTurn
Answer = Reply | WebPage | Failure | AnswersInTurn
