"""Where a chat is: on this machine, or wherever somebody runs one."""

import re

DEFAULT_URL = "http://localhost:8080"


def is_address(url: str) -> bool:
    """Whether a chat can be there: `https://chat.example.org`, with or without a slash."""
    return re.fullmatch(r"https?://[^/\s]+/?", url) is not None
