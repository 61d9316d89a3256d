"""Formulas as exports and pages without a script have them."""

import pytest

from chatapp.text.formulas import MAX_SOURCE_CHARACTERS
from chatapp.text.markdown import Markdown
from chatapp.text.mathml import MAX_DEPTH, MathMarkup

pytest.importorskip("math_core", reason="not compiled for this machine")


def test_a_formula_is_drawn_by_the_browser_itself() -> None:
    markdown = Markdown(MathMarkup().of)

    html = markdown.html("$x^2$\n\n$$\n\\frac{1}{2}\n$$")

    assert "<math><msup><mi>x</mi><mn>2</mn></msup></math>" in html
    assert '<p class="math display"><math display="block"><mfrac>' in html


@pytest.mark.parametrize(
    "source",
    [
        "\\frac{1",
        "\\href{javascript:alert(1)}{x}",
        "\\def\\a{\\a\\a}\\a",
        "x" * (MAX_SOURCE_CHARACTERS + 1),
        "\\sqrt{" * (MAX_DEPTH + 1) + "x" + "}" * (MAX_DEPTH + 1),
        "\\left(" * (MAX_DEPTH + 1) + "x" + "\\right)" * (MAX_DEPTH + 1),
        "\\sqrt" * 100 + " x",
    ],
)
def test_what_is_wrong_or_too_much_is_shown_as_its_source(source: str) -> None:
    html = Markdown(MathMarkup().of).html(f"${source}$")

    assert html.startswith(f'<p><span class="math">${source}')


def test_no_html_gets_through_a_formula() -> None:
    markup = MathMarkup().of("\\text{<img src=x onerror=alert(1)>}<script>", False)

    assert markup is not None
    assert "<img" not in markup
    assert "<script" not in markup
