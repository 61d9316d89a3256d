"""What the pages say, in the reader's language.

The catalogues are static/i18n/*.json, flat: key to sentence. Templates say `t("rooms.new")`;
scripts have what they say of it in the page, static/js/lib/words.js: a key that stands in one of
them, as "rooms.new" or by its beginning, as `rooms.${kind}`. The language is the one that was
chosen, in a cookie, or what the browser asks for.

A refusal's own sentence is English and exact. Each catalogue says for each code what its readers
get: that sentence, `{message}`, or one of theirs. What a code means on one page only stands at
`door.<page>.refused.<code>`.

A further language is a file there and a word in LANGUAGES. With only `one` and `other` as plurals,
and one name to switch to, this is enough for two; a third with more forms asks for Babel.
"""

import json
import math
import re
from collections.abc import Iterable

from flask import Flask, current_app, request
from jinja2.filters import do_filesizeformat
from markupsafe import Markup

from chatapp.errors import ChatError
from chatapp.files import STATIC

LANGUAGES = ("en", "es")
RIGHT_TO_LEFT = frozenset(["ar", "fa", "he", "ur"])
COOKIE = "language"
EXTENSION = "languages"
IN_A_SCRIPT = re.compile(r'"([a-z][\w.-]*)"|`([a-z][\w-]*\.)\$\{')
PLACE = re.compile(r"\{(\w+)\}")
PLURAL = re.compile(r"\.(?:one|other)$")


class Words:
    """One language. `words(key, name=…)` is the sentence of a key; `{name}` in it is that value."""

    def __init__(
        self, language: str, catalogue: dict[str, str], scripts: "Scripts | None" = None
    ) -> None:
        self.language = language
        self.direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        self.other = next(each for each in LANGUAGES if each != language)
        self._catalogue = catalogue
        self.for_scripts = {
            key: sentence for key, sentence in catalogue.items() if scripts and scripts.say(key)
        }

    def __contains__(self, key: str) -> bool:
        return key in self._catalogue

    def __call__(self, key: str, **values: object) -> str:
        """`count` chooses "key.one" or "key.other". With a piece of a page among the values, the
        sentence is a piece of a page too."""
        if "count" in values:
            key = f"{key}.one" if values["count"] == 1 else f"{key}.other"
        pieces = PLACE.split(self._catalogue[key])
        pieces[1::2] = [self._shown(values[name]) for name in pieces[1::2]]
        has_markup = any(isinstance(piece, Markup) for piece in pieces)
        return (Markup("") if has_markup else "").join(pieces)

    def _shown(self, value: object) -> str:
        if isinstance(value, int | float):
            return self.number(value)
        return value if isinstance(value, str) else str(value)

    def number(self, value: float) -> str:
        signs = self._catalogue["numbers.group"] + self._catalogue["numbers.decimal"]
        return f"{value:,}".translate(str.maketrans(",.", signs))

    def size(self, of_bytes: int) -> str:
        return do_filesizeformat(of_bytes).replace(".", self._catalogue["numbers.decimal"])

    def refusal(self, error: ChatError, page: str, **values: object) -> str:
        """What is wrong, on this page."""
        here = f"door.{page}.refused.{error.code}"
        key = here if here in self else f"refused.{error.code}"
        seconds = math.ceil(error.retry_after or 0)
        return self(key, message=error.message, seconds=seconds, **values)


class Scripts:
    """What the page's scripts may say, as far as their sources tell."""

    def __init__(self, sources: Iterable[str]) -> None:
        found = [match for source in sources for match in IN_A_SCRIPT.findall(source)]
        self._keys = {key for key, _ in found if key}
        self._beginnings = tuple({beginning for _, beginning in found if beginning})

    def say(self, key: str) -> bool:
        return PLURAL.sub("", key) in self._keys or key.startswith(self._beginnings)


def speak_languages(app: Flask) -> None:
    scripts = Scripts(path.read_text("utf-8") for path in (STATIC / "js").rglob("*.js"))
    app.extensions[EXTENSION] = {
        language: Words(
            language,
            json.loads((STATIC / "i18n" / f"{language}.json").read_text("utf-8")),
            scripts,
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
    """Those of whoever asked for the present page."""
    spoken: dict[str, Words] = current_app.extensions[EXTENSION]
    return spoken[chosen_language()]


def chosen_language() -> str:
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
