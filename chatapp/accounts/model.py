"""What the directory keeps about people. Tables: `accounts`, `sessions`, `setup`."""

from typing import Literal

import msgspec

from chatapp.limits import name_key

Role = Literal["owner", "admin", "member", "bot"]
"""What an account may be. A guest has no account."""

ADMINISTRATORS: frozenset[str] = frozenset(["owner", "admin"])


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A registered person. Table `accounts`, by `name_key(name)`: one spelling, one account."""

    name: str
    role: Role
    password: str
    """The argon2id hash, in the PHC format: parameters and salt are in it."""
    created_at: str

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
    address: str
    device: str


class SetupToken(msgspec.Struct, frozen=True, kw_only=True):
    """The one-time link that makes the first admin. Table `setup`, by `token`."""

    digest: str
    created_at: str
