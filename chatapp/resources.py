"""The paths of files that are not Python: templates, static files, migrations.

In a checkout these folders are beside the package, where people look for them. A wheel has them
inside the package, in `_files`.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_IN_WHEEL = _PACKAGE / "_files"
_TOP = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent

TEMPLATES = _TOP / "templates"
STATIC = _TOP / "static"
MIGRATIONS = _TOP / "migrations_json"


def style_sheets() -> dict[str, Path]:
    """Every style sheet by its name, such as `menu`, whichever folder of static/css it is in."""
    return {file.stem: file for file in STATIC.glob("css/*/*.css")}
