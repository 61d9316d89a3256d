"""What the pages say, in the reader's language.

The catalogues are static/i18n/*.json, flat: key to sentence. Templates say `t("rooms.new")`;
scripts have the same catalogue in the page, static/js/lib/words.js. The language is the one
that was chosen, in a cookie, or what the browser asks for.
"""

import json

from flask import Flask, request

from chatapp.files import STATIC

LANGUAGES = ("en", "es")
COOKIE = "language"


def speak_languages(app: Flask) -> None:
    catalogues: dict[str, dict[str, str]] = {
        language: json.loads((STATIC / "i18n" / f"{language}.json").read_text("utf-8"))
        for language in LANGUAGES
    }

    @app.context_processor
    def words() -> dict[str, object]:
        language = chosen_language()
        catalogue = catalogues[language]

        def t(key: str, **values: object) -> str:
            """The sentence of this key; `{name}` in it is one of the values."""
            sentence = catalogue[key]
            for name, value in values.items():
                sentence = sentence.replace("{" + name + "}", str(value))
            return sentence

        return {
            "language": language,
            "words": of_scripts(catalogue),
            "t": t,
        }


def of_scripts(catalogue: dict[str, str]) -> dict[str, str]:
    """What only pages without scripts say need not travel with the chat page."""
    return {key: said for key, said in catalogue.items() if not key.startswith("account.")}


def chosen_language() -> str:
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
