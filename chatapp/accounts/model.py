"""What the directory keeps about people, and who may do what to whom."""

from typing import Literal

import msgspec

from chatapp.limits import name_key
from chatapp.model import Colour

Role = Literal["owner", "admin", "member", "bot"]
"""What an account may be. A guest has no account."""

ADMINISTRATORS: frozenset[str] = frozenset(["owner", "admin"])


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A registered person. Table `accounts`, by `name_key(name)`: one spelling, one account.

    `password` is the argon2id hash in the PHC format; parameters and salt are in it.
    `display_name` and `colour` are how others see the person; what follows from the name where
    there is none.
    """

    name: str
    role: Role
    password: str
    created_at: str
    display_name: str = ""
    colour: Colour | None = None

    @property
    def key(self) -> str:
        return name_key(self.name)


class Session(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One browser that is signed in. Table `sessions`, by its sid.

    The cookie only carries the sid, signed; what counts is that it stands here, so that
    it can be revoked. The sid is not hashed: whoever reads this file reads `secret_key`
    beside it and needs no sid.
    """

    account: str
    created_at: str
    seen_at: str
    address: str
    device: str


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A link with a secret in it. Table `links`, by the secret's SHA-256.

    `setup` makes the owner, `invite` a new account with `role`, `reset` a new password for
    `account`. `uses` is how often it still works.
    """

    kind: Literal["setup", "invite", "reset"]
    by: str
    created_at: str
    expires_at: str | None = None
    uses: int = 1
    role: Role = "member"
    account: str | None = None
