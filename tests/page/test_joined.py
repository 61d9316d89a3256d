"""The page's scripts in one file, in a browser."""

import re

from tests.support.browser import Windows
from tests.support.server import Server


def test_no_export_hides_something_of_the_browser(server: Server, windows: Windows) -> None:
    """All that stands behind a module sees what it exports, imported or not."""
    page = windows.open()
    page.goto(f"{server.url}/name")
    scripts = [f"{server.url}/static/js/joined/{name}.js" for name in ("chat", "later")]
    joined = "".join(page.request.get(script).text() for script in scripts)
    exports = re.findall(r"\w+", " ".join(re.findall(r"^const \{(.*)\} = \(\(\) =>", joined, re.M)))

    hidden = page.evaluate("(names) => names.filter((name) => name in globalThis)", exports)

    assert len(exports) > 100
    assert hidden == []
