"""The stored values about people: accounts, sessions, links."""

import hashlib
from typing import Literal, get_args

import msgspec

from chatapp.domain.bots import BotLimits
from chatapp.domain.errors import BadPayload
from chatapp.domain.limits import name_key
from chatapp.domain.model import Colour, Person

Role = Literal["owner", "admin", "member", "bot"]
"""The roles of accounts. Guests have no account."""


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A registered person. Table `accounts`, by `name_key(name)`: one spelling, one account.

    Everything that belongs to the account refers to its `id`, which is never reused. Accounts from
    older versions have their key as id, because it was the reference then. `password` is an
    argon2id hash in PHC format, with parameters and salt. `display_name` and `colour` are how
    others see the person; if empty, they follow from the name. `limits` are those of a bot; bots
    of older versions have none.

    An account that was `imported` from another chat, whose format this names, has no password until
    its person follows an invitation: until then, nobody can sign in to it. `email` is the address
    that the other chat knew, for admins.
    """

    name: str
    role: Role
    password: str
    created_at: str
    id: str = ""
    display_name: str = ""
    colour: Colour | None = None
    limits: BotLimits | None = None
    imported: str = ""
    email: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            msgspec.structs.force_setattr(self, "id", self.key)

    @property
    def key(self) -> str:
        return name_key(self.name)

    @property
    def is_unclaimed(self) -> bool:
        """Whether it waits for the person whom an import made it for."""
        return not self.password and self.role != "bot"


def as_person(account: Account) -> Person:
    """The account as a person in the chat."""
    return Person(name=account.name, id=account.id, role=account.role, since=account.created_at)


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """A removed account. Table `retired`, by its key: the name is never reused."""

    name: str
    id: str
    removed_at: str


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A signed-in browser. Table `sessions`, by its sid.

    The cookie only has the sid, signed; the session is valid while it is in this table, so it can
    be revoked. The sid is not hashed: anyone who can read this file can also read `secret_key`
    beside it and needs no sid.
    """

    account: str
    created_at: str
    seen_at: str
    address: str
    device: str


class SecretLink(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A link that contains a secret. Table `links`, by the secret's SHA-256.

    `setup` creates the owner, `invite` an account with `role`, `reset` a password for `account`. An
    `invite` with an `account` does not create one: whoever follows it claims that account.
    `uses` is how often it still works, of `made_for` times; 0 if unknown. `maker` is the id of the
    account that created it; None for the command line, and for older versions, which kept only the
    name `by`. `process` is the one that printed a `setup` link, in a chat of several.
    """

    kind: Literal["setup", "invite", "reset"]
    by: str
    maker: str | None = None
    created_at: str
    expires_at: str | None = None
    uses: int = 1
    made_for: int = 0
    role: Role = "member"
    account: str | None = None
    process: str | None = None


def checked_role(role: str) -> Role:
    """The role of an account that somebody asked for; raises `BadPayload`."""
    if role not in get_args(Role):
        raise BadPayload(f"{role!r} is not a role; the roles are {', '.join(get_args(Role))}.")
    return role  # type: ignore[return-value]


def digest(secret: str) -> str:
    """The SHA-256 of a secret, which is stored in its place. Lookups by digest leak no timing about
    the secret's bytes."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
