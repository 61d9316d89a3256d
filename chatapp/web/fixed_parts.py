"""Parts of pages that are the same for everybody, rendered once for each language.

`{{ fixed("_dialogs.html", guest=begin.guest) }}` in a template: a page has thirty dialogs, and
rendering them again for each visitor would take a third of the page's time.

The template of a fixed part gets the texts, `t`, and the switches that it is called with, which are
true or false. It has no access to the visitor, the request or a setting: naming them is an error.
So nothing personal can be kept, and there is nothing to bring up to date.
"""

from flask import Flask
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from chatapp.web.languages import words_of_reader


def install_fixed_parts(app: Flask) -> None:
    app.jinja_env.globals["fixed"] = FixedParts(app.jinja_env)


class FixedParts:
    """Has the templates and filters of `pages`, and none of its global names."""

    def __init__(self, pages: Environment) -> None:
        self.kept: dict[tuple[object, ...], Markup] = {}
        self._environment = Environment(
            loader=pages.loader, autoescape=True, undefined=StrictUndefined
        )
        self._environment.filters = pages.filters

    def __call__(self, template: str, **switches: bool) -> Markup:
        words = words_of_reader()
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
