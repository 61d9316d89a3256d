"""The texts of the pages, in the reader's language.

The catalogues are flat files, static/i18n/*.json: key to sentence. Templates use `t("rooms.new")`.
The page contains the sentences that its scripts use (static/js/lib/text/words.js): those whose key
is in chat.js, what it imports or loads alone, as "rooms.new" or by its beginning, as
`rooms.${kind}`. later.js and files.js come with the whole catalogue. The language is the one in the
visitor's cookie, or the one that the browser asks for.

The sentence of an error is exact, and English. For each error code a catalogue has the sentence
for its readers: that sentence, `{message}`, or a translated one. `door.<page>.refused.<code>`
replaces it on one page.

A new language needs a file there and an entry in LANGUAGES. The only plural forms are `one` and
`other`, and there is one other language to switch to; a language with more forms needs Babel.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from flask import Flask, current_app, request
from jinja2.filters import do_filesizeformat
from markupsafe import Markup

from chatapp.domain.errors import ChatError
from chatapp.resources import STATIC
from chatapp.web.compression import without_layout
from chatapp.web.modules import CHAT, ON_TOP, SCRIPTS, Joiner

LANGUAGES = ("en", "es")
RIGHT_TO_LEFT = frozenset(["ar", "fa", "he", "ur"])
COOKIE = "language"
EXTENSION = "languages"
IN_A_SCRIPT = re.compile(r'"([a-z][\w.-]*)"|`([a-z][\w-]*\.)\$\{')
LOADED = re.compile(r'(?:import\(|= )"(\.[^"]+\.js)"')
PLACE = re.compile(r"\{(\w+)\}")
PLURAL = re.compile(r"\.(?:one|other)$")


class Words:
    """The texts of one language. `words(key, name=…)` is the sentence of a key, with the value for
    `{name}`."""

    def __init__(
        self, language: str, catalogue: dict[str, str], scripts: "Scripts | None" = None
    ) -> None:
        self.language = language
        self.direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        self.other = next(each for each in LANGUAGES if each != language)
        self._catalogue = catalogue
        self._pieces = {key: PLACE.split(sentence) for key, sentence in catalogue.items()}
        self._scripts = scripts

    @cached_property
    def for_scripts(self) -> dict[str, str]:
        """The sentences that the page contains: found as the first page is made, which is later
        than the start."""
        scripts = self._scripts
        return {key: said for key, said in self._catalogue.items() if scripts and scripts.say(key)}

    def __contains__(self, key: str) -> bool:
        return key in self._catalogue

    def __call__(self, key: str, **values: object) -> str:
        """`count` chooses "key.one" or "key.other". If one of the values is markup, so is the
        result."""
        if "count" in values:
            key = f"{key}.one" if values["count"] == 1 else f"{key}.other"
        pieces = self._pieces[key]
        if len(pieces) == 1:
            return pieces[0]
        said = pieces.copy()
        said[1::2] = [self._shown(values[name]) for name in pieces[1::2]]
        return (Markup("") if Markup in map(type, said) else "").join(said)

    def places(self, key: str) -> set[str]:
        """The names of the values that a sentence needs."""
        return set(PLACE.findall(self._catalogue[key]))

    def _shown(self, value: object) -> str:
        if isinstance(value, str):
            return value
        return self.number(value) if isinstance(value, int | float) else str(value)

    def number(self, value: float) -> str:
        signs = self._catalogue["numbers.group"] + self._catalogue["numbers.decimal"]
        return f"{value:,}".translate(str.maketrans(",.", signs))

    def size(self, of_bytes: int) -> str:
        text = do_filesizeformat(of_bytes).replace(" Byte", " byte")
        return text.replace(".", self._catalogue["numbers.decimal"])

    def refusal(self, error: ChatError, page: str, **values: object) -> str:
        here = f"door.{page}.refused.{error.code}"
        key = here if here in self else f"refused.{error.code}"
        seconds = math.ceil(error.retry_after or 0)
        return self(key, message=error.message, seconds=seconds, **values)


class Scripts:
    """The sentences that the page's scripts may use, found in their source."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._sources = sources

    def say(self, key: str) -> bool:
        keys, beginnings = self._found
        return PLURAL.sub("", key) in keys or key.startswith(beginnings)

    @cached_property
    def _found(self) -> tuple[set[str], tuple[str, ...]]:
        """Keys and beginnings of keys."""
        found = [match for source in self._sources for match in IN_A_SCRIPT.findall(source)]
        return {key for key, _ in found if key}, tuple({start for _, start in found if start})


def install_languages(app: Flask, joiner: Joiner) -> None:
    scripts = Scripts(_first_scripts(joiner))
    app.extensions[EXTENSION] = {
        language: Words(
            language, json.loads((STATIC / "i18n" / f"{language}.json").read_text("utf-8")), scripts
        )
        for language in LANGUAGES
    }

    @app.context_processor
    def words() -> dict[str, object]:
        words = words_of_reader()
        return {
            "language": words.language,
            "direction": words.direction,
            "other_language": words.other,
            "t": words,
        }


def _first_scripts(joiner: Joiner) -> Iterator[str]:
    """The sources of chat.js, of what it imports, and of single modules that these load."""
    first = joiner.modules(CHAT)
    alone: set[Path] = set()
    for path in first:
        source = without_layout(path.read_bytes()).decode()
        alone.update((path.parent / name).resolve() for name in LOADED.findall(source))
        yield source
    for path in alone - {*first, *ON_TOP}:
        if path.is_relative_to(SCRIPTS):
            yield path.read_text("utf-8")


def words_of_reader() -> Words:
    """The texts in the language of the current request."""
    return words_in(chosen_language())


def words_in(language: str) -> Words:
    """The texts in one of LANGUAGES."""
    spoken: dict[str, Words] = current_app.extensions[EXTENSION]
    return spoken[language]


def chosen_language() -> str:
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
