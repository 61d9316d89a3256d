"""What a person types into the search box, taken apart.

    hola que        both words; the last one may be the beginning of a longer word
    "green tea"     exactly these words, one after the other
    caf*            words that begin like this
    from:ana  from:"ana maria"      who wrote it
    in:general                      where
    after:2026-11-01  before:2026-11-22     when; the days themselves: `after` yes, `before` no
    has:link                        with a link in it

Nothing here is ever an error but a day that is none: what cannot be understood is searched for.
"""

import re
from datetime import UTC, date, datetime

import msgspec

from chatapp.errors import BadPayload
from chatapp.limits import checked_text

_PART = re.compile(
    r'(?:(?P<key>from|in|before|after|has):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)


class Term(msgspec.Struct, frozen=True):
    """Words that follow each other. With `prefix` the last one may go on."""

    text: str
    prefix: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """All of it must fit."""

    terms: tuple[Term, ...] = ()
    sender: str | None = None
    room: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    link: bool = False


def parse(text: str) -> Query:
    """Raises BadPayload where a day is no day, or the text is none."""
    checked_text(text + "?")
    terms: list[Term] = []
    query = Query()
    for found in _PART.finditer(text):
        key = (found["key"] or "").lower()
        value = found["phrase"] if found["phrase"] is not None else found["word"]
        if key == "from":
            query = msgspec.structs.replace(query, sender=value)
        elif key == "in":
            query = msgspec.structs.replace(query, room=value.lower())
        elif key == "after":
            query = msgspec.structs.replace(query, since=_day(key, value))
        elif key == "before":
            query = msgspec.structs.replace(query, until=_day(key, value))
        elif key == "has" and value.lower() == "link":
            query = msgspec.structs.replace(query, link=True)
        elif any(map(str.isalnum, value)):
            unfinished = found["phrase"] is None and found.end() == len(text)
            terms.append(Term(value.rstrip("*"), unfinished or value.endswith("*")))
    return msgspec.structs.replace(query, terms=tuple(terms))


def all_words(text: str) -> Query:
    """Every word of a text, none of them special."""
    words = (word.replace('"', "") for word in text.split())
    return Query(terms=tuple(Term(word) for word in words if any(map(str.isalnum, word))))


def _day(key: str, value: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
    except ValueError:
        raise BadPayload(f"{key}: takes a day such as {key}:2026-11-22.") from None
