"""Whether a text will look otherwise once the page's script has formatted it.

The first page waits a moment with such messages, so that nothing moves under the reader's eyes.
The same rules as in static/js/lib/richness.js; tests/page holds the two together.
"""

import re

_MARKS = re.compile(r"[*_~`|\[\]\\]|^ {0,3}(?:>|[-+] |[0-9]{1,9}[.)] )|^(?: {4}|\t)", re.MULTILINE)
_EMOJI_AT_MOST_CHARACTERS = 64


def is_formatted_by_script(text: str) -> bool:
    return _MARKS.search(text) is not None or _may_be_emoji_alone(text)


def _may_be_emoji_alone(text: str) -> bool:
    return len(text) <= _EMOJI_AT_MOST_CHARACTERS and not any(
        c.isalnum() or "!" <= c <= "~" for c in text
    )
