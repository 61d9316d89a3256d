"""The texts of the pages, in the reader's language.

The catalogues are flat files, static/i18n/*.json: key to sentence. Templates use `t("rooms.new")`.
The page contains the sentences that its scripts use (static/js/lib/words.js): those whose key is
in a script, as "rooms.new" or by its beginning, as `rooms.${kind}`. Scripts that are loaded later,
for what opens over the page, load the whole catalogue too. The language is the one in the
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
from collections.abc import Iterable

from flask import Flask, current_app, request
from jinja2.filters import do_filesizeformat
from markupsafe import Markup

from chatapp.domain.errors import ChatError
from chatapp.resources import STATIC
from chatapp.web.modules import CHAT, LATER, Joiner

LANGUAGES = ("en", "es")
RIGHT_TO_LEFT = frozenset(["ar", "fa", "he", "ur"])
COOKIE = "language"
EXTENSION = "languages"
IN_A_SCRIPT = re.compile(r'"([a-z][\w.-]*)"|`([a-z][\w-]*\.)\$\{')
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
        self.for_scripts = {
            key: sentence for key, sentence in catalogue.items() if scripts and scripts.say(key)
        }

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
        return do_filesizeformat(of_bytes).replace(".", self._catalogue["numbers.decimal"])

    def refusal(self, error: ChatError, page: str, **values: object) -> str:
        here = f"door.{page}.refused.{error.code}"
        key = here if here in self else f"refused.{error.code}"
        seconds = math.ceil(error.retry_after or 0)
        return self(key, message=error.message, seconds=seconds, **values)


class Scripts:
    """The sentences that the page's scripts may use, found in their source."""

    def __init__(self, sources: Iterable[str]) -> None:
        found = [match for source in sources for match in IN_A_SCRIPT.findall(source)]
        self._keys = {key for key, _ in found if key}
        self._beginnings = tuple({beginning for _, beginning in found if beginning})

    def say(self, key: str) -> bool:
        return PLURAL.sub("", key) in self._keys or key.startswith(self._beginnings)


def install_languages(app: Flask) -> None:
    later = set(Joiner().added(LATER, CHAT))
    first = [path for path in (STATIC / "js").rglob("*.js") if path not in later]
    scripts = Scripts(path.read_text("utf-8") for path in first)
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
            "words": words.for_scripts,
            "t": words,
        }


def words_of_reader() -> Words:
    """The texts in the language of the current request."""
    spoken: dict[str, Words] = current_app.extensions[EXTENSION]
    return spoken[chosen_language()]


def chosen_language() -> str:
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
