"""docs/security.md names tests as proof: they exist."""

import re
from pathlib import Path

from tests.support.checkout import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_test_that_the_page_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    files: list[Path] = list((ROOT / "tests").rglob("test_*.py"))
    there = {
        name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }

    assert len(named) > 30
    assert named - there == set()
