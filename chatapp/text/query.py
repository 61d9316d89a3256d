"""Parses search queries.

    hola que        both words; the last one may be the beginning of a longer word
    "green tea"     exactly these words in sequence; also with a phone's “quotes”
    caf*            words that start like this
    -pizza          without this word; -"green tea" too
    from:ana  from:@ana  from:"ana maria"  from:me      the author; several are alternatives
    in:general  in:#general  in:Kitchen                 the room, by name or title
    after:2026-11-01  before:2026-11-22     dates; `after` includes its day, `before` does not
    has:link                        with a link in it
    has:file  has:image  has:video  has:audio  has:document     with such a file
    file:report  file:"annual report"       with these words in the name of a file
    thread:12                       in the thread of message 12 of a room, which is one of them
    is:thread                       in any thread

The only error is an invalid day; anything else that is not recognized is searched for as words.
Terms without any indexed character, such as `!?`, are ignored beside words, and alone find
nothing. static/js/lib/search/query.js has the same rules; tests/text/queries.json tests both.
"""

import re
from datetime import UTC, date, datetime, tzinfo

import msgspec

from chatapp.domain.errors import BadPayload
from chatapp.domain.files import FILE_KINDS
from chatapp.domain.limits import checked_text
from chatapp.text.words import Term, words

_PART = re.compile(
    r'(?P<without>-)?(?:(?P<key>from|in|before|after|has|file|thread|is):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
_SEQ = re.compile("[1-9][0-9]{0,14}")
HAS = ("link", "file", *FILE_KINDS)
"""What `has:` takes. Each is a word of the index (index/parts.py)."""
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))


class QueriedPerson(msgspec.Struct, frozen=True):
    """A person as typed in the query; `names` are people with a matching display name."""

    typed: str
    names: tuple[str, ...] = ()


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A message has to match all criteria, but only one of `senders` and one of `rooms` (as typed).

    `has` are those of `HAS` that it has, `files` are words in the names of its files. `thread` is
    the seq of the first message of its thread; with `is_reply`, it is in any.
    With `seeks_nothing`, the query had only terms that no index can contain.
    """

    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    senders: tuple[QueriedPerson, ...] = ()
    rooms: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    has: tuple[str, ...] = ()
    files: tuple[Term, ...] = ()
    thread: int | None = None
    is_reply: bool = False
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
        unfinished = found["phrase"] is None and found.end() == len(text)
        if not _is_operator(key, value):
            key = ""
        if key == "file":
            term = _term(value, unfinished=unfinished)
            query = msgspec.structs.replace(query, files=(*query.files, term))
        elif key and value:
            query = _with(query, key, value, zone)
        elif not words(value):
            dropped = dropped or bool(value.strip())
        elif found["without"]:
            excluded.append(_term(value))
        else:
            terms.append(_term(value, unfinished=unfinished))
    return msgspec.structs.replace(
        query, terms=tuple(terms), excluded=tuple(excluded), seeks_nothing=dropped and not terms
    )


def all_words(text: str) -> Query:
    """A query for every word of a text, without special terms."""
    parts = (part.replace('"', "") for part in text.split())
    return Query(terms=tuple(Term(part) for part in parts if words(part)))


def _is_operator(key: str, value: str) -> bool:
    """Whether an operator can have this value; otherwise it is a word."""
    match key:
        case "has":
            return value.lower() in HAS
        case "file":
            return bool(words(value))
        case "thread":
            return _SEQ.fullmatch(value) is not None
        case "is":
            return value.lower() == "thread"
        case _:
            return True


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
        case "thread" | "is":
            thread = int(value) if key == "thread" else query.thread
            is_reply = query.is_reply or key == "is"
            return msgspec.structs.replace(query, thread=thread, is_reply=is_reply)
        case _:
            return msgspec.structs.replace(query, has=(*query.has, value.lower()))


def _term(value: str, *, unfinished: bool = False) -> Term:
    return Term(value.rstrip("*"), unfinished or value.endswith("*"))


def _day(key: str, value: str, zone: tzinfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), datetime.min.time(), zone)
    except ValueError:
        raise BadPayload(f"{key}: takes a day such as {key}:2026-11-22.") from None
