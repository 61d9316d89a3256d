"""Several style sheets in one file."""

import re

import pytest

from chatapp.resources import STATIC, TEMPLATES, style_sheets
from chatapp.web.compression import without_breaks, without_layout
from tests.support.pages import Browser


def test_sheets_come_in_the_order_in_which_they_are_named(browser: Browser) -> None:
    joined = browser.get("/static/sheets/palette+reset.css")

    first, second = (style_sheets()[name] for name in ("palette", "reset"))
    plain = [without_breaks(without_layout(file.read_bytes())) for file in (first, second)]
    assert joined.data == b"\n".join(plain)
    assert joined.mimetype == "text/css"


@pytest.mark.parametrize(
    "names", ["nothing", "palette+nothing", "..", "../secret", "a" * 300, "palette+" * 60 + "reset"]
)
def test_what_is_no_sheet_is_not_there(browser: Browser, names: str) -> None:
    assert browser.get(f"/static/sheets/{names}.css").status_code == 404


def test_what_has_not_changed_is_not_sent_again(browser: Browser) -> None:
    etag = browser.get("/static/sheets/palette+reset.css").headers["ETag"]

    again = browser.get("/static/sheets/palette+reset.css", headers={"If-None-Match": etag})

    assert again.status_code == 304


def test_every_sheet_that_a_page_names_is_there() -> None:
    named = {
        name
        for template in TEMPLATES.rglob("*.html")
        for call in re.findall(r"sheets\((.*?)\)", template.read_text(), re.DOTALL)
        for name in re.findall(r'"([a-z-]+)"', call)
    }

    assert len(named) > 20
    assert named - style_sheets().keys() == set()


def test_no_two_sheets_have_one_name() -> None:
    assert len(style_sheets()) == len(list(STATIC.glob("css/**/*.css"))) > 60
