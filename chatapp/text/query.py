"""Parses search queries.

    hola que        both words; the last one may be the beginning of a longer word
    "green tea"     exactly these words in sequence; also with a phone's “quotes”
    caf*            words that start like this
    -pizza          without this word; -"green tea" too
    from:ana  from:@ana  from:"ana maria"  from:me      the author; several are alternatives
    in:general  in:#general  in:Kitchen                 the room, by name or title
    after:2026-11-01  before:2026-11-22     dates; `after` includes its day, `before` does not
    has:link                        with a link in it

The only error is an invalid day; anything else that is not recognized is searched for as words.
Terms without any indexed character, such as `!?`, are ignored beside words, and alone find
nothing. static/js/lib/query.js has the same rules; tests/text/queries.json tests both.
"""

import re
from datetime import UTC, date, datetime, tzinfo

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.domain.limits import checked_text
from chatapp.text.words import Term, words

_PART = re.compile(
    r'(?P<without>-)?(?:(?P<key>from|in|before|after|has):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))


class QueriedPerson(msgspec.Struct, frozen=True):
    """A person as typed in the query; `names` are people with a matching display name."""

    typed: str
    names: tuple[str, ...] = ()


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A message has to match all criteria, but only one of `senders` and one of `rooms` (as typed).

    With `seeks_nothing`, the query had only terms that no index can contain.
    """

    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    senders: tuple[QueriedPerson, ...] = ()
    rooms: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    link: bool = False
    seeks_nothing: bool = False


def parse(text: str, zone: tzinfo = UTC) -> Query:
    """Parse a query; days are in the time zone. Raises BadPayload for an invalid day or text."""
    checked_text(text + "?")
    text = text.translate(_QUOTES)
    terms: list[Term] = []
    excluded: list[Term] = []
    query = Query()
    dropped = False
    for found in _PART.finditer(text):
        key = (found["key"] or "").lower()
        value = found["word"] if found["phrase"] is None else found["phrase"]
        if found["without"] and (key or not words(value)):
            key, value = "", found[0]
        if key == "has" and value.lower() != "link":
            key = ""
        if key and value:
            query = _with(query, key, value, zone)
        elif not words(value):
            dropped = dropped or bool(value.strip())
        elif found["without"]:
            excluded.append(Term(value.rstrip("*"), value.endswith("*")))
        else:
            unfinished = found["phrase"] is None and found.end() == len(text)
            terms.append(Term(value.rstrip("*"), unfinished or value.endswith("*")))
    return msgspec.structs.replace(
        query, terms=tuple(terms), excluded=tuple(excluded), seeks_nothing=dropped and not terms
    )


def all_words(text: str) -> Query:
    """A query for every word of a text, without special terms."""
    parts = (part.replace('"', "") for part in text.split())
    return Query(terms=tuple(Term(part) for part in parts if words(part)))


def _with(query: Query, key: str, value: str, zone: tzinfo) -> Query:
    match key:
        case "from":
            senders = (*query.senders, QueriedPerson(value.removeprefix("@") or value))
            return msgspec.structs.replace(query, senders=senders)
        case "in":
            rooms = (*query.rooms, value.removeprefix("#") or value)
            return msgspec.structs.replace(query, rooms=rooms)
        case "after":
            return msgspec.structs.replace(query, since=_day(key, value, zone))
        case "before":
            return msgspec.structs.replace(query, until=_day(key, value, zone))
        case _:
            return msgspec.structs.replace(query, link=True)


def _day(key: str, value: str, zone: tzinfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), zone)
    except ValueError:
        raise BadPayload(f"{key}: takes a day such as {key}:2026-11-22.") from None
