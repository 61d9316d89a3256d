"""Under what name it is kept how far somebody has read, and how they want to see the rooms."""

import hashlib

from chatapp.limits import name_key
from chatapp.model import Person


def reader_key(person: Person) -> str:
    """An account's by its name. A guest's key is a secret: it is not written down as it is."""
    if not person.is_guest:
        return name_key(person.name)
    return f"guest {hashlib.sha256(person.key.encode()).hexdigest()[:32]}"
