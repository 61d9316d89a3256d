"""The values of incoming webhooks: the stored row, a delivery, and what became of it."""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from chatapp.domain.errors import BadPayload

TABLE = "incoming_hooks"

Source = Literal["auto", "slack", "text", "github", "gitlab", "gitea", "grafana", "alertmanager"]
SOURCES: tuple[Source, ...] = get_args(Source)
"""What a webhook takes. `auto` recognizes a payload by its headers, then by its shape."""


class IncomingHook(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Table `incoming_hooks`, by the SHA-256 of the secret in the webhook's address.

    `account` is the id of the bot's account that posts, `room` where. If it `calls_all`, it may
    mention everybody. If it is `signed`, its deliveries prove that they know another secret.
    `used_at` is the last delivery that was taken, to the hour; `problem` is what was wrong with the
    latest one that was refused or not understood, at `problem_at`.
    """

    account: str
    room: str
    source: Source = "auto"
    calls_all: bool = False
    signed: bool = False
    created_by: str
    created_at: str
    used_at: str | None = None
    problem: str = ""
    problem_at: str | None = None


class IncomingDelivery(msgspec.Struct, frozen=True):
    """A request to a webhook's address. The names of `headers` are in lower case."""

    body: bytes
    headers: Mapping[str, str]

    @property
    def mimetype(self) -> str:
        return self.header("content-type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery: the message, if one was posted, now or before; and what of the
    delivery is not in it."""

    room: str
    seq: int | None = None
    duplicate: bool = False
    ignored: list[str] = []


class NewHook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that was created, with the secrets that are told only now."""

    id: str
    name: str
    room: str
    secret: str
    signing_secret: str | None = None


def checked_source(source: str) -> Source:
    if source not in SOURCES:
        raise BadPayload(f"{source!r} is no source; the sources are {', '.join(SOURCES)}.")
    return source
