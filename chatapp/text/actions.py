"""Recognizes actions such as `/me waves`; static/js/lib/text/texts.js has the same rule."""

import re

ACTION = "/me "
_ACTION = re.compile(r"/me (?=\s*\S)")


def action_in(text: str) -> str | None:
    """The action, such as "waves"; None if the text is not an action."""
    found = _ACTION.match(text)
    return text[found.end() :] if found else None


def is_action(text: str) -> bool:
    return action_in(text) is not None
