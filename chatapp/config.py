"""The settings of a server, read once. No other module reads the environment."""

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from chatapp.domain.addresses import normal_origin
from chatapp.domain.rates import Rate

_HOST = re.compile(r"[^\s,/@:]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?")

Access = Literal["open", "members"]
Durability = Literal["fsync", "os"]
Transport = Literal["websocket", "polling"]


class ConfigError(Exception):
    """An invalid setting. The message is one line that names it and its allowed values."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of a server. The variable of a field is `CHATAPP_` and its name in capitals."""

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
    event_rate: Rate | None = Rate(burst=2000, per_second=100.0)
    room_rate: Rate | None = Rate(burst=20, per_second=20 / 3600)
    connections: int = 10_000
    connections_per_address: int = 200
    proxies: int = 0
    postgres: str | None = None
    """The URL of the database that several processes share. None: this process is alone."""
    redis: str | None = None
    outbound_hosts: frozenset[str] = frozenset()
    """Hosts, as `host` or `host:port`, that the chat may call although they are not on the
    internet: for previews of links, and for outgoing webhooks."""
    internal: str = "127.0.0.1:0"
    """Where the other processes of the chat reach this one; port 0 picks a free one."""
    files: str | None = None
    """The bucket of files. None: the database that processes share, or the data folder."""
    workers: int | None = None
    """How many processes serve on this machine. None: this one alone, without a supervisor."""
    network_command: str = "chatapp serve --host 0.0.0.0"
    """The command that starts this chat for other machines as well. Not a setting: it depends on
    how the server was started."""
    given: frozenset[str] = frozenset()
    """The names of the settings that were set explicitly."""

    @classmethod
    def load(cls, environ: Mapping[str, str], **given: Any) -> "Config":
        """Read the environment; options of the command line override it (None: not given)."""
        texts = {
            name: environ["CHATAPP_" + name.upper()]
            for name in _READ
            if environ.get("CHATAPP_" + name.upper(), "") != ""
        }
        texts |= {name: str(value) for name, value in given.items() if value is not None}
        values = {
            name: _READ[name](f"CHATAPP_{name.upper()}", text) for name, text in texts.items()
        }
        given_names = frozenset(values)
        if "message_rate" in values and values["message_rate"] is None:
            values.setdefault("room_rate", None)  # without a message limit, rooms have none either
        if "redis" in values and "postgres" not in values:
            raise ConfigError("CHATAPP_REDIS needs CHATAPP_POSTGRES, which keeps the messages.")
        if "workers" in values and "postgres" not in values:
            raise ConfigError("CHATAPP_WORKERS needs CHATAPP_POSTGRES, which the workers share.")
        config = cls(**values, given=given_names)
        return config.listening_on(config.host, config.port)

    def listening_on(self, host: str, port: int) -> "Config":
        """The same config for a server that listens here. Unless `access` was set, the chat is
        `open` on loopback addresses and for `members` elsewhere."""
        config = msgspec.structs.replace(self, host=host, port=port)
        if "access" in self.given:
            return config
        return msgspec.structs.replace(config, access="open" if is_loopback(host) else "members")

    @property
    def internal_address(self) -> tuple[str, int]:
        host, _, port = self.internal.rpartition(":")
        return host.strip("[]"), int(port)

    def address_at(self, port: int) -> str:
        """The chat's address for people on this machine: `http://localhost:8080`."""
        host = "localhost" if is_loopback(self.host) or is_wildcard(self.host) else self.host
        return f"http://{netloc(host, port)}"


def netloc(host: str, port: int | None) -> str:
    """Host and port as in a URL."""
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`.

    A dual-stack socket reports 127.0.0.1 as ::ffff:127.0.0.1.
    """
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def is_global(host: str) -> bool:
    """Whether a server on `host` listens on an address of the internet."""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return False


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


def integer(least: int, most: int) -> Any:
    def read(name: str, text: str) -> int:
        if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            raise ConfigError(
                f"{name} is {text!r}; it must be a whole number from {least} to {most}."
            )
        return int(text)

    return read


def choice(choices: tuple[str, ...]) -> Any:
    def read(name: str, text: str) -> str:
        if text not in choices:
            raise ConfigError(f"{name} is {text!r}; it must be {' or '.join(choices)}.")
        return text

    return read


def _some_of(choices: tuple[str, ...]) -> Any:
    one = choice(choices)

    def read(name: str, text: str) -> tuple[str, ...]:
        return tuple(one(name, part.strip()) for part in text.split(","))

    return read


def _origins(name: str, text: str) -> tuple[str, ...]:
    origins = tuple(
        normal_origin(part.strip().rstrip("/")) for part in text.split(",") if part.strip()
    )
    for origin in origins:
        if not re.fullmatch(r"https?://[^/\s]+", origin):
            raise ConfigError(
                f"{name} has {origin!r}; an origin looks like https://chat.example.org."
            )
    return origins


_UNITS = {"second": 1, "minute": 60, "hour": 3600}
_FEW_A_SECOND = 0.1
"""Slower rates are written per hour."""


def format_rate(rate: Rate | None) -> str:
    """The text of a rate, in the form that `rate` reads."""
    if rate is None:
        return "off"
    unit = "second" if rate.per_second >= _FEW_A_SECOND else "hour"
    return f"{rate.burst} burst, {rate.per_second * _UNITS[unit]:g} per {unit}"


def rate(name: str, text: str) -> Rate | None:
    if text == "off":
        return None
    found = re.fullmatch(r"(\d{1,6}) burst, (\d{1,6}(?:\.\d+)?) per (second|minute|hour)", text)
    if not found or int(found[1]) < 1 or float(found[2]) <= 0:
        raise ConfigError(f"{name} is {text!r}; it must be off or like '10 burst, 2 per second'.")
    return Rate(burst=int(found[1]), per_second=float(found[2]) / _UNITS[found[3]])


_SIZES = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}


def format_size(size: int) -> str:
    """The text of a number of bytes, in the form that `size` reads."""
    if size == 0:
        return "off"
    unit = next(unit for unit in ("GB", "MB", "KB") if size % _SIZES[unit] == 0)
    return f"{size // _SIZES[unit]} {unit}"


def size(name: str, text: str) -> int:
    """A number of bytes; 0 for "off"."""
    if text == "off":
        return 0
    found = re.fullmatch(r"(\d{1,5}) ?(KB|MB|GB)", text, re.IGNORECASE)
    if not found or int(found[1]) < 1:
        raise ConfigError(f"{name} is {text!r}; it must be off, or a size such as '25 MB'.")
    return int(found[1]) * _SIZES[found[2].upper()]


def _secret(name: str, text: str) -> str:
    if len(text) < 32:
        raise ConfigError(f"{name} is too short to be a secret; it needs 32 characters or more.")
    return text


def _hosts(name: str, text: str) -> frozenset[str]:
    hosts = frozenset(text.lower().split(","))
    if not all(map(_HOST.fullmatch, hosts)):
        raise ConfigError(
            f"{name} is a list of hosts such as wiki.lan,10.0.0.7:8080, not {text!r}."
        )
    return hosts


def _url(*starts: str) -> Any:
    def read(name: str, text: str) -> str:
        if not text.startswith(starts):  # It may have a password, so it is not shown.
            raise ConfigError(f"{name} must be a URL like {starts[0]}host/name.")
        return text

    return read


def _address(name: str, text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (host and colon) or not re.fullmatch(r"\d{1,5}", port) or int(port) > 65535:
        raise ConfigError(f"{name} is {text!r}; it must be like 10.0.0.5:8081.")
    if is_wildcard(host.strip("[]")):
        raise ConfigError(f"{name} is {text!r}; others must be able to reach it: 10.0.0.5:8081.")
    return text


_READ = {
    "host": _text,
    "port": integer(0, 65535),
    "data": _folder,
    "access": choice(get_args(Access)),
    "admin_password": _text,
    "secret_key": _secret,
    "origins": _origins,
    "durability": choice(get_args(Durability)),
    "transports": _some_of(get_args(Transport)),
    "message_rate": rate,
    "event_rate": rate,
    "room_rate": rate,
    "connections": integer(0, 10_000_000),
    "connections_per_address": integer(0, 10_000_000),
    "proxies": integer(0, 10),
    "postgres": _url("postgresql://", "postgres://"),
    "redis": _url("redis://", "rediss://", "unix://"),
    "internal": _address,
    "outbound_hosts": _hosts,
    "files": _url("s3://"),
    "workers": integer(1, 64),
}
