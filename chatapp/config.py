"""The settings of a server, read once. Nothing else in the house reads the environment."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

Access = Literal["open", "members"]
Durability = Literal["fsync", "os"]
Transport = Literal["websocket", "polling"]


class ConfigError(Exception):
    """A setting that cannot be. The message is one line that names it and says what it may be."""


class Rate(msgspec.Struct, frozen=True):
    """So many at once, then so many a second."""

    burst: int
    per_second: float


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a server can be told. `CHATAPP_` and a field's name is its variable."""

    host: str = "127.0.0.1"
    port: int = 8080
    data: Path = Path("data")
    access: Access = "open"
    admin_password: str | None = None
    secret_key: str | None = None
    origins: tuple[str, ...] = ()
    durability: Durability = "fsync"
    transports: tuple[Transport, ...] = ("websocket", "polling")
    message_rate: Rate | None = Rate(burst=10, per_second=2.0)
    connections: int = 10_000
    connections_per_address: int = 200
    proxies: int = 0
    given: frozenset[str] = frozenset()
    """The names of those that were said, and are no defaults."""

    @classmethod
    def load(cls, environ: Mapping[str, str], **given: Any) -> "Config":
        """From the environment, with what the command line gave over it (None is not given)."""
        texts = {
            name: environ["CHATAPP_" + name.upper()]
            for name in _READ
            if environ.get("CHATAPP_" + name.upper(), "") != ""
        }
        texts |= {name: str(value) for name, value in given.items() if value is not None}
        values = {
            name: _READ[name](f"CHATAPP_{name.upper()}", text) for name, text in texts.items()
        }
        config = cls(**values, given=frozenset(values))
        return config.listening_on(config.host, config.port)

    def listening_on(self, host: str, port: int) -> "Config":
        """The same for a socket that listens here. Who is not told otherwise is open on
        loopback only, wherever the socket comes from."""
        config = msgspec.structs.replace(self, host=host, port=port)
        if "access" in self.given:
            return config
        return msgspec.structs.replace(config, access="open" if is_loopback(host) else "members")

    def address_at(self, port: int) -> str:
        """Where people on this machine find the chat: `http://localhost:8080`."""
        host = "localhost" if is_loopback(self.host) or is_wildcard(self.host) else self.host
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`.

    A socket for both kinds of addresses writes 127.0.0.1 as ::ffff:127.0.0.1.
    """
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def is_wildcard(host: str) -> bool:
    """Whether a server on `host` listens on every address of the machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _text(_name: str, text: str) -> str:
    return text


def _folder(_name: str, text: str) -> Path:
    return Path(text).expanduser()


def whole(least: int, most: int) -> Any:
    def read(name: str, text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ConfigError(
                f"{name} is {text!r}; it must be a whole number from {least} to {most}."
            )
        return int(text)

    return read


def one_of(choices: tuple[str, ...]) -> Any:
    def read(name: str, text: str) -> str:
        if text not in choices:
            raise ConfigError(f"{name} is {text!r}; it must be {' or '.join(choices)}.")
        return text

    return read


def _some_of(choices: tuple[str, ...]) -> Any:
    one = one_of(choices)

    def read(name: str, text: str) -> tuple[str, ...]:
        return tuple(one(name, part.strip()) for part in text.split(","))

    return read


def _origins(name: str, text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())
    for origin in origins:
        if not re.fullmatch(r"https?://[^/\s]+", origin):
            raise ConfigError(
                f"{name} has {origin!r}; an origin looks like https://chat.example.org."
            )
    return origins


def said_rate(rate: Rate | None) -> str:
    """As `rate` reads it."""
    return "off" if rate is None else f"{rate.burst} burst, {rate.per_second:g} per second"


def rate(name: str, text: str) -> Rate | None:
    if text == "off":
        return None
    found = re.fullmatch(r"(\d{1,6}) burst, (\d{1,6}(?:\.\d+)?) per second", text)
    if not found or int(found[1]) < 1 or float(found[2]) <= 0:
        raise ConfigError(f"{name} is {text!r}; it must be off or like '10 burst, 2 per second'.")
    return Rate(burst=int(found[1]), per_second=float(found[2]))


def _secret(name: str, text: str) -> str:
    if len(text) < 32:
        raise ConfigError(f"{name} is too short to be a secret; it needs 32 characters or more.")
    return text


_READ = {
    "host": _text,
    "port": whole(0, 65535),
    "data": _folder,
    "access": one_of(get_args(Access)),
    "admin_password": _text,
    "secret_key": _secret,
    "origins": _origins,
    "durability": one_of(get_args(Durability)),
    "transports": _some_of(get_args(Transport)),
    "message_rate": rate,
    "connections": whole(0, 10_000_000),
    "connections_per_address": whole(0, 10_000_000),
    "proxies": whole(0, 10),
}
