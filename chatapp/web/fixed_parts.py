"""Parts of pages that are the same for everybody, rendered once for each language.

`{{ fixed("_dialogs.html", guest=begin.guest) }}` in a template: a page has thirty dialogs, and
rendering them again for each visitor would take a third of the page's time.

The dialogs themselves come when somebody begins to use the page, as the file
`/static/parts/dialogs.en.html`; guests have a part of their own.

The template of a fixed part gets the texts, `t`, and the switches that it is called with, which are
true or false. It has no access to the visitor, the request or a setting: naming them is an error.
So nothing personal can be kept, and there is nothing to bring up to date.
"""

from flask import Flask, Response, abort, url_for
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from chatapp.web.file_answers import text_file
from chatapp.web.languages import LANGUAGES, Words, words_in, words_of_reader

FILES = {
    "dialogs": ("_dialogs.html", {"guest": False}),
    "dialogs-of-guests": ("_dialogs.html", {"guest": True}),
}
"""The parts that are files: their templates and switches."""


def install_fixed_parts(app: Flask) -> None:
    parts = FixedParts(app.jinja_env)
    app.jinja_env.globals["fixed"] = parts

    @app.get("/static/parts/<name>.<language>.html")
    def part(name: str, language: str) -> Response:
        if name not in FILES or language not in LANGUAGES:
            abort(404)
        template, switches = FILES[name]
        return text_file(parts.of(words_in(language), template, switches).encode(), "text/html")

    @app.context_processor
    def part_url() -> dict[str, object]:
        def url(name: str) -> str:
            return url_for("part", name=name, language=words_of_reader().language)

        return {"part_url": url}


class FixedParts:
    """Has the templates and filters of `pages`, and none of its global names."""

    def __init__(self, pages: Environment) -> None:
        self.kept: dict[tuple[object, ...], Markup] = {}
        self._environment = Environment(
            loader=pages.loader,
            autoescape=True,
            undefined=StrictUndefined,
            bytecode_cache=pages.bytecode_cache,
        )
        self._environment.filters = pages.filters

    def __call__(self, template: str, **switches: bool) -> Markup:
        return self.of(words_of_reader(), template, switches)

    def of(self, words: Words, template: str, switches: dict[str, bool]) -> Markup:
        key = (template, words.language, *switches.items())
        if key not in self.kept:
            self.kept[key] = self._rendered(template, t=words, **checked(switches))
        return self.kept[key]

    def _rendered(self, template: str, **values: object) -> Markup:
        html = self._environment.get_template(template).render(values)
        return Markup(html)  # noqa: S704 - rendered with autoescape


def checked(switches: dict[str, bool]) -> dict[str, bool]:
    """Any other value could be personal, and there could be any number of them."""
    if wrong := [name for name, value in switches.items() if not isinstance(value, bool)]:
        raise TypeError(f"A fixed part takes true or false for {wrong[0]!r}, and nothing else.")
    return switches
