"""Where the files lie that are not Python: templates, static files, migrations.

In a checkout they stand at the top, beside the package, where people look for them. The
wheel carries them inside the package, in `_files`, because site-packages has no top.
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_IN_WHEEL = _PACKAGE / "_files"
_TOP = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent

TEMPLATES = _TOP / "templates"
STATIC = _TOP / "static"
MIGRATIONS = _TOP / "migrations_json"
