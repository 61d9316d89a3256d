"""Who a program says that it is, in the header `Authorization`.

    Authorization: Bearer cht_…              the token of an account
    Authorization: Guest ana:Zm9vYmFy…       a guest's name and key, each percent-encoded

A page of another site cannot make a browser send this header, unlike a cookie. So a request with
it needs no CSRF token, and its session does not count.
"""

from typing import NamedTuple
from urllib.parse import unquote

from flask import request

from chatapp.domain.errors import Unauthorized

FOR_PROGRAMS = ("/api/", "/files/", "/emoji/", "/photos/")


class BearerToken(NamedTuple):
    secret: str


class GuestSecret(NamedTuple):
    name: str
    key: str


def shown() -> BearerToken | GuestSecret | None:
    """What the current request shows; None if nothing, or if its address is not for programs.

    Raises `Unauthorized` if it is something else.
    """
    header = request.headers.get("Authorization")
    if header is None or not request.path.startswith(FOR_PROGRAMS):
        return None
    return parsed(header)


def parsed(header: str) -> BearerToken | GuestSecret:
    """What the header says; raises `Unauthorized` if it is something else."""
    scheme, _, rest = header.strip().partition(" ")
    secret = rest.strip()
    if scheme.lower() == "bearer" and secret:
        return BearerToken(secret)
    name, _, key = secret.partition(":")
    if scheme.lower() == "guest" and name and key:
        return GuestSecret(unquote(name), unquote(key))
    raise Unauthorized("Send `Authorization: Bearer TOKEN`, or `Guest NAME:KEY`.")
