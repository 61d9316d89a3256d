"""Finds the tokens of a text: links and mentions outside code, and code itself.

These rules decide who is notified of a message, and what is counted, highlighted and linked.
static/js/lib/text/tokens.js has the same rules, and also finds rooms; tests/text/tokens.json has
examples for both.

    link      https://…, www.…, ana@example.org, [label](https://…)
    emoji     :party_parrot:, if the chat has an emoji of this name; only pages ask for these
    mention   @ana, @Ada Lovelace: the longest known name that ends where a name ends; if none
              is known, the word after the @
    code      `…`, fenced and indented code

A name continues with letters, marks and digits, and with `_` and `-` before more of them. Scripts
that are written without spaces, and Korean, whose particles follow without one, can be directly
before a token and directly after a name: 交给@ana处理.

One pass finds all tokens, so the time is linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from chatapp.domain.limits import MAX_NAME_CHARACTERS, name_key
from chatapp.text.code import MAY_HIDE, hidden_spans

EVERYONE = frozenset(["room", "all"])
"""`@room` and `@all` mention every member of the room."""
MAX_SIGNS = 100
"""Only the first N `@` of a text can be mentions, so that a text full of them is cheap."""
MAX_LOCAL_PART_CHARACTERS = 64
"""The longest part of a mail address before the @: RFC 5321, 4.5.3.1.1."""
MAX_HOST_CHARACTERS = 255

Kind = Literal["text", "code", "link", "mention", "emoji"]

_START = re.compile(r"https?://|www\.|@", re.IGNORECASE)
_START_OR_EMOJI = re.compile(rf"{_START.pattern}|:(?=([a-z0-9_+-]{{2,32}}):)", re.IGNORECASE)
_SPACES = "\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_URL = re.compile(
    f'[^{_SPACES}<>"`“”„«»\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20'
    "\uff3b-\uff40\uff5b-\uff65]+"
)
_ENDS_A_SENTENCE = ".,;:!?'’*_~|\\([{…،؛؟।॥۔"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_HOST_END = re.compile(r"[/?#:]")
_WITHIN_A_HOST = (".", "-", "/", ":", "@")
_LOCAL_PART = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")
_USER_ELSEWHERE = re.compile(rf"[A-Za-z0-9._+-]{{1,{MAX_LOCAL_PART_CHARACTERS}}}@")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")
_TOP_LEVEL = re.compile(r"xn--[a-z0-9-]+|[a-z]{2,}", re.IGNORECASE)
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    "\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uffdc"
    "\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, kana, Han; and Hangul."""
_CONTINUES_A_SYLLABLE = ("\u1160", "\u11ff")
"""Vowels and final consonants of decomposed Hangul."""


def first_word(text: str, start: int = 0) -> str:
    """The key of the word that starts here; one character if its script has no spaces, or if it is
    not a letter."""
    end = start
    while end < len(text) and _is_of_word(text[end]) and not is_spaceless(text[end]):
        end += 1
    return name_key(text[start : max(end, start + 1)])


@lru_cache(4096)
def _is_of_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def is_spaceless(character: str) -> bool:
    """Whether it starts with a letter of Hangul, or of a script that is written without spaces."""
    return character > "\u0e00" and _SPACELESS.match(character) is not None


class Span(NamedTuple):
    """The position of a token that is not plain text."""

    start: int
    end: int
    kind: Kind
    value: str = ""


class Names:
    """A set of names that finds the longest one at a position; `known` adds more names."""

    def __init__(self, names: Iterable[str] = (), known: "Names | None" = None) -> None:
        self._known = known
        self._keys: set[str] = set()
        self._firsts: set[str] = set()
        self._characters: set[str] = set()
        self._lengths: list[int] = []
        self._continued: set[str] = set()
        for name in (*EVERYONE, *names):
            self.add(name)

    def add(self, name: str) -> None:
        key = name_key(name)
        if not key:
            return
        self._keys.add(key)
        self._firsts.add(key[0])
        self._characters.update(key)
        if (word := first_word(key)) != key:
            self._continued.add(word)
        if len(key) not in self._lengths:
            self._lengths = sorted([*self._lengths, len(key)], reverse=True)

    def at(self, text: str, start: int) -> tuple[str, int] | None:
        """The key of the longest name at `start`, and its end."""
        found = self._own_at(text, start)
        more = self._known.at(text, start) if self._known else None
        return more if more and (found is None or more[1] > found[1]) else found

    def may_end(self, end: int, at: int) -> bool:
        """Whether a name that was found to end at `end` can end at `at`."""
        return end == at

    def goes_on(self, word: str) -> bool:
        """Whether a longer name starts with this word."""
        return word in self._continued or (self._known is not None and self._known.goes_on(word))

    def _own_at(self, text: str, start: int) -> tuple[str, int] | None:
        if _folded_character(text[start : start + 1])[:1] not in self._firsts:
            return None
        window = text[start : start + 2 * MAX_NAME_CHARACTERS]
        folded, ends = window.lower(), None
        if not window.isascii():
            folded, ends = _folded(window, self._characters)
        for length in self._lengths:
            key = folded[:length]
            if len(key) == length and key in self._keys:
                end = start + (length if ends is None else ends[length])
                if end > start and not _continues_at(text, end):
                    return key, end
        return None


class _AnyNames(Names):
    """Accepts any word after an @ as the beginning of a name."""

    def at(self, text: str, start: int) -> tuple[str, int] | None:
        word = first_word(text, start)
        return (word, start + 1) if word.strip() else None

    def may_end(self, end: int, at: int) -> bool:
        return 0 <= end <= at


NOBODY = Names()
_ANYBODY = _AnyNames()


def mentioned_keys(text: str, names: Names = NOBODY) -> frozenset[str]:
    """The keys of all names mentioned in a text, including those of EVERYONE."""
    if "@" not in text:
        return frozenset()
    return frozenset(span.value for span in spans(text, names) if span.kind == "mention")


def mentioned_words(text: str) -> dict[str, bool]:
    """The keys of the first words of all possible mentions in a text, for any set of names; and
    whether the word alone is a mention, if no longer name starts with it."""
    if "@" not in text:
        return {}
    certain = {(at, value) for at, _, kind, value in spans(text) if kind == "mention"}
    words: dict[str, bool] = {}
    for at, _, kind, value in spans(text, _ANYBODY):
        if kind == "mention":
            words[value] = words.get(value, False) or (at, value) in certain
    return words


def spans(text: str, names: Names = NOBODY) -> list[Span]:
    """The tokens of a text other than plain text, in order."""
    if not MAY_HIDE.search(text):
        return list(inline_spans(text, names))
    hidden = [Span(*span) for span in hidden_spans(text)]
    found, done = list(hidden), 0
    for start, end, *_ in [*hidden, Span(len(text), len(text), "text")]:
        found += inline_spans(text, names, done, start)
        done = end
    return sorted(found)


def inline_spans(
    text: str,
    names: Names = NOBODY,
    start: int = 0,
    end: int | None = None,
    *,
    emoji: Container[str] = (),
) -> Iterator[Span]:
    """The links and mentions of a part of a text that contains no code, and which of these
    `emoji` are in it."""
    stop = len(text) if end is None else end
    done, mentioned, signs = start, -1, 0
    starts = _START_OR_EMOJI if emoji else _START
    for found in starts.finditer(text, start, stop):
        at, sign = found.start(), found[0]
        if at < done or (len(sign) == 1 and _is_escaped(text, at)):
            continue
        span: Span | None
        if sign == "@":
            signs += 1
            if signs > MAX_SIGNS:
                continue
            span = _address(text, at, done) or _handle(text, at)
            follows = names.may_end(mentioned, at - 1)
            if span is None and (span := _mention(text, at, names, follows=follows)):
                mentioned = span.end
        elif sign == ":":
            span = _emoji(text, at, found[1], emoji)
        else:
            span = _link(text, at, sign, stop)
        if span and span.end <= stop:
            done = span.end
            if span.kind != "text":
                yield span


# Emoji


def _emoji(text: str, at: int, name: str, emoji: Container[str]) -> Span | None:
    if name not in emoji or not _may_begin(text, at):
        return None
    return Span(at, at + len(name) + 2, "emoji", name)


# Links


def _link(text: str, at: int, sign: str, stop: int) -> Span | None:
    begin = at + len(sign)
    if not _may_begin(text, at) or begin >= stop or not _is_of_word(text[begin]):
        return None
    is_named = sign.endswith(".")
    if is_named and (text[at - 1 : at] in _WITHIN_A_HOST or not _has_domain(text, begin, stop)):
        return None
    run = _URL.match(text, at, stop)
    end = _end_of_url(text, begin, run.end() if run else begin)
    link = text[at:end]
    return Span(at, end, "link", f"http://{link}" if is_named else link)


def _has_domain(text: str, start: int, stop: int) -> bool:
    """Whether there is a domain after `www.`. It is short, so it is matched separately."""
    run = _URL.match(text, start, min(stop, start + MAX_HOST_CHARACTERS))
    host = text[start : _end_of_url(text, start, run.end() if run else start)]
    return _is_domain(_HOST_END.split(host, maxsplit=1)[0])


def _end_of_url(text: str, start: int, end: int) -> int:
    """The end of a URL, without the rest of its sentence, such as a bracket that was opened
    before."""
    opened = dict.fromkeys(_BRACKETS.values(), 0)
    for at in range(start, end):
        character = text[at]
        if character in opened:
            opened[character] += 1
        elif opening := _BRACKETS.get(character):
            if opened[opening] == 0:
                end = at
                break
            opened[opening] -= 1
    while end > start and text[end - 1] in _ENDS_A_SENTENCE:
        end -= 1
    return end


def _address(text: str, at: int, done: int) -> Span | None:
    """An address such as ana@example.org."""
    first = max(done, at - MAX_LOCAL_PART_CHARACTERS)
    start = at
    while start > first and text[start - 1] in _LOCAL_PART:
        start -= 1
    while start < at and text[start] in "._+-":
        start += 1
    if start == at or text[start - 1 : start] in ("@", "/") or not _may_begin(text, start):
        return None
    end = _end_of_domain(text, at + 1)
    return None if end is None else Span(start, end, "link", f"mailto:{text[start:end]}")


def _handle(text: str, at: int) -> Span | None:
    """A handle such as @ana@social.example refers to a person elsewhere, so it mentions nobody
    here."""
    user = _USER_ELSEWHERE.match(text, at + 1)
    end = _end_of_domain(text, user.end()) if user else None
    return None if end is None else Span(at, end, "text")


def _end_of_domain(text: str, start: int) -> int | None:
    found = _DOMAIN.match(text, start)
    if found is None:
        return None
    domain = found[0].rstrip(".-")
    end = start + len(domain)
    return end if _is_domain(domain) and not _continues_at(text, end) else None


def _is_domain(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 1 and all(labels) and _TOP_LEVEL.fullmatch(labels[-1]) is not None


# Names


def _mention(text: str, at: int, names: Names, *, follows: bool) -> Span | None:
    """`follows`: whether a mention and a slash come before, as in @ana/@bo."""
    if not _may_begin(text, at) or (_is_in_a_path(text, at) and not follows):
        return None
    if known := names.at(text, at + 1):
        return Span(at, known[1], "mention", known[0])
    end = _end_of_word(text, at + 1)
    return None if end == at + 1 else Span(at, end, "mention", name_key(text[at + 1 : end]))


def _may_begin(text: str, at: int) -> bool:
    """Whether a token can start here: not within a word, but after the mark of _emphasis_."""
    while at > 0 and text[at - 1] == "_":
        at -= 1
    return at == 0 or not _is_of_word(text[at - 1]) or is_spaceless(text[at - 1])


def _is_escaped(text: str, at: int) -> bool:
    """Whether a backslash escapes the character here; two backslashes do not."""
    start = at
    while start > 0 and text[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def _is_in_a_path(text: str, at: int) -> bool:
    return at > 1 and text[at - 1] == "/" and (text[at - 2] == "/" or _is_of_word(text[at - 2]))


def _continues_at(text: str, end: int) -> bool:
    """Whether the name or word that ends here would continue."""
    last = text[end - 1]
    if not _is_of_word(last) or is_spaceless(last):
        return False
    while end < len(text) and text[end] in "_-":
        end += 1
    return end < len(text) and _is_of_word(text[end]) and not is_spaceless(text[end])


def _end_of_word(text: str, start: int) -> int:
    """The end of the word that starts here; a word has only one kind of script."""
    end = at = start
    kind = at < len(text) and is_spaceless(text[at])
    while at < len(text):
        if _is_of_word(text[at]) and is_spaceless(text[at]) == kind:
            end = at + 1
        elif text[at] not in "_-" or at == start:
            break
        at += 1
    return end


def _folded(window: str, characters: set[str]) -> tuple[str, list[int]]:
    """The text as names are compared, and for each position in it the position in `window`, or 0.

    Stops at the first character that is not in `characters`.
    """
    folded, ends, start = "", [0], 0
    while start < len(window):
        end = start + 1
        while end < len(window) and _is_combined(window[end]):
            end += 1
        key = _folded_character(window[start:end])
        if not characters.issuperset(key):
            break
        folded += key
        ends += [0] * (len(key) - 1) + [end] if key else []
        start = end
    return folded, ends


@lru_cache(4096)
def _folded_character(character: str) -> str:
    return name_key(character)


@lru_cache(4096)
def _is_combined(character: str) -> bool:
    return (
        unicodedata.category(character)[0] == "M"
        or _CONTINUES_A_SYLLABLE[0] <= character <= _CONTINUES_A_SYLLABLE[1]
    )
