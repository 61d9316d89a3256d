"""The shortcodes of the standard emoji, such as `fire`: the page makes emoji of them as they are
typed, so none of them can be the name of another picture."""

from functools import cache

from chatapp.text.shortcodes import standard_emoji


@cache
def standard_names() -> frozenset[str]:
    """Read when somebody adds the first emoji."""
    return frozenset(name for name in standard_emoji() if "::" not in name)
