"""Where to go next, when the visitor's own request says where."""

import re

_LOCAL_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""One slash, then ASCII that shows, without a backslash: browsers read `//x`, `/\\x` and
`/<tab>/x` as another host."""


def local_path(wanted: str | None, otherwise: str) -> str:
    """The path if it leads into this site, else the other one."""
    return wanted if wanted and _LOCAL_PATH.fullmatch(wanted) else otherwise
