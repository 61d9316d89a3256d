"""The drawings of the pages: templates/_icons.svg and _more_icons.svg."""

import re

from chatapp.resources import STATIC, TEMPLATES

DRAWN = re.compile(r'<symbol id="icon-([a-z-]+)"')
IN_A_TEMPLATE = re.compile(r'"([a-z-]+)" \| icon')
IN_A_SCRIPT = re.compile(r'#icon-([a-z-]+)"')


def test_every_drawing_that_a_page_names_is_there() -> None:
    sheets = [TEMPLATES / name for name in ("_icons.svg", "_more_icons.svg")]
    drawn = {name for sheet in sheets for name in DRAWN.findall(sheet.read_text("utf-8"))}
    templates = [path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")]
    scripts = [path.read_text("utf-8") for path in (STATIC / "js").rglob("*.js")]

    named = {name for text in templates for name in IN_A_TEMPLATE.findall(text)}
    named |= {name for text in scripts for name in IN_A_SCRIPT.findall(text)}

    assert len(named) > 30
    assert named - drawn == set()
