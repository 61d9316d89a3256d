"""Places in all rooms, as ids of events.

A place is the number of a record in the log. The number itself would tell everybody how much is
said in rooms that they do not see; so clients get it encrypted, by a key that all processes of the
chat have. The same place always has the same id.
"""

import base64
import binascii
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from chatapp.domain.errors import BadPayload

if TYPE_CHECKING:
    from nacl.secret import SecretBox

NUMBER_BYTES = 8
KEY_BYTES, NONCE_BYTES = 32, 24
"""Of NaCl's secret box."""


class Places:
    """`secret` is that of the chat."""

    def __init__(self, secret: bytes) -> None:
        self._key = _digest(b"places in streams", secret, KEY_BYTES)

    def id_of(self, n: int) -> str:
        """The id of the place behind the record with this number: 64 letters, digits, `-`, `_`."""
        number = n.to_bytes(NUMBER_BYTES, "big")
        nonce = _digest(number, self._key, NONCE_BYTES)
        return base64.urlsafe_b64encode(self._box.encrypt(number, nonce)).decode().rstrip("=")

    def number_of(self, id: str) -> int:
        """Raises `BadPayload` if it is not an id of this chat."""
        from nacl.exceptions import CryptoError  # noqa: PLC0415

        try:
            sealed = base64.b64decode(id + "=" * (-len(id) % 4), altchars=b"-_", validate=True)
            return int.from_bytes(self._box.decrypt(sealed), "big")
        except (binascii.Error, CryptoError, ValueError):
            raise BadPayload("This is no id of a stream of all rooms of this chat.") from None

    @cached_property
    def _box(self) -> "SecretBox":
        """Few chats need the library."""
        from nacl.secret import SecretBox  # noqa: PLC0415

        return SecretBox(self._key)


def _digest(data: bytes, key: bytes, size: int) -> bytes:
    return blake2b(data, digest_size=size, key=key[: blake2b.MAX_KEY_SIZE]).digest()
