"""The photo of a person: a row of the table `photos`, by the id of the account.

The picture is a square WebP. Whoever is in the chat sees it; the log has none of it.
"""

import msgspec

from chatapp.domain.structs import prepare

PHOTOS_TABLE = "photos"


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """`sha256` and `bytes` are those of the picture; `name` is the account's when it was set."""

    name: str
    sha256: str
    bytes: int
    at: str


prepare([Photo])
