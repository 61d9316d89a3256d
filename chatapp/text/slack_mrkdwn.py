"""Turns Slack's mrkdwn into Markdown: https://docs.slack.dev/messaging/formatting-message-text

    *bold*  _italic_  ~struck~        **bold**  _italic_  ~~struck~~
    `code`  ```code```                the same, the fence on lines of its own
    <https://…|text>  <https://…>     [text](https://…)  https://…
    <@U024BE7LH>  <#C024BE7LR|ops>    what `SlackNames` says
    <!channel>  <!here>               what `SlackNames` says
    <!date^…|fallback>  <!…|text>     fallback, text
    &lt; &gt; &amp;                   < > &
    :smile:                           😄; a name that is no standard emoji stays
    >>> to the end                    > before each line

What is nothing of this stays as it is. The time is linear in the length of the text.
"""

import re
from typing import Protocol

from chatapp.text.shortcodes import emoji_called


class SlackNames(Protocol):
    """What stands in the text for a person, a room or everyone. `label` is what Slack shows, empty
    if the text does not say."""

    def person(self, id: str, label: str) -> str: ...
    def room(self, id: str, label: str) -> str: ...
    def everyone(self, word: str) -> str: ...


_MAY_CHANGE = re.compile(r"[<&*~`:]")
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_ENTITY = re.compile(r"<([^<>\s][^<>\n]*)>")
_EMOJI = re.compile(r":([a-z0-9_+'-]{1,60}(?:::skin-tone-[2-6])?):")
_BOLD = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]*?[^\s*])\*(?![\w*])")
_STRUCK = re.compile(r"(?<![\w~\\])~(?=[^\s~])([^~\n]*?[^\s~])~(?![\w~])")
_QUOTED_REST = re.compile(r"(?:^|\n)>>>[ \t]?(.*)", re.DOTALL)
_UNSAFE_IN_URL = str.maketrans({"(": "%28", ")": "%29", " ": "%20", "<": "%3C", ">": "%3E"})


def as_markdown(text: str, names: SlackNames) -> str:
    """The same text in Markdown."""
    text = text.replace("\0", "")  # It stands for an entity below.
    if not _MAY_CHANGE.search(text):
        return text
    if "`" not in text:
        return _quoted(_outside_code(text, names))
    parts: list[str] = []
    done = 0
    for code in _CODE.finditer(text):
        parts.append(_outside_code(text[done : code.start()], names))
        done = code.end()
        if code[1] is None:
            parts.append(f"`{_plain(code[2])}`")
        else:
            fenced = _plain(code[1]).strip("\n")
            before = "" if not any(parts) or parts[-1].endswith("\n") else "\n"
            after = "" if text[done : done + 1] in ("", "\n") else "\n"
            parts.append(f"{before}```\n{fenced}\n```{after}")
    parts.append(_outside_code(text[done:], names))
    return _quoted("".join(parts))


def unescaped(text: str) -> str:
    """Without the three escapes that Slack makes."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _outside_code(text: str, names: SlackNames) -> str:
    if not _MAY_CHANGE.search(text):
        return text
    if "<" not in text:
        return unescaped(_marked(text))
    parts: list[str] = []
    done = 0
    for entity in _ENTITY.finditer(text):
        parts += text[done : entity.start()], "\0"
        done = entity.end()
    shown = (_entity(entity[1], names) for entity in _ENTITY.finditer(text))
    marked = unescaped(_marked("".join([*parts, text[done:]])))
    return re.sub("\0", lambda _: next(shown), marked) if parts else marked


def _marked(text: str) -> str:
    """Bold, struck and emoji. Entities are one character here: `*<url|text>*` is bold."""
    if "*" in text:
        text = _BOLD.sub(r"**\1**", text)
    if "~" in text:
        text = _STRUCK.sub(r"~~\1~~", text)
    return _EMOJI.sub(_emoji, text) if ":" in text else text


def _emoji(found: re.Match[str]) -> str:
    return emoji_called(found[1]) or found[0]


def _entity(inside: str, names: SlackNames) -> str:
    target, _, label = inside.partition("|")
    label = unescaped(label)
    match target[:1]:
        case "@":
            return names.person(target[1:], label)
        case "#":
            return names.room(target[1:], label)
        case "!":
            return _special(target[1:], label, names)
    return _link(unescaped(target), label)


def _special(target: str, label: str, names: SlackNames) -> str:
    if target in ("channel", "here", "everyone"):
        return names.everyone(target)
    return label or f"@{target.partition('^')[0]}"


def _link(url: str, label: str) -> str:
    if url.startswith("mailto:"):
        return label or url.removeprefix("mailto:")
    if not label or label == url:
        return url
    shown = re.sub(r"([\[\]\\])", r"\\\1", label)
    return f"[{shown}]({url.translate(_UNSAFE_IN_URL)})"


def _plain(code: str) -> str:
    """Code has no entities, but Slack marks links in it all the same."""
    return unescaped(_ENTITY.sub(lambda found: _in_code(found[1]), code))


def _in_code(inside: str) -> str:
    target, _, label = inside.partition("|")
    return label or target


def _quoted(text: str) -> str:
    found = _QUOTED_REST.search(text) if ">>>" in text else None
    if found is None:
        return text
    lines = found[1].split("\n")
    start = text[: found.start()] + ("\n" if found.start() else "")
    return start + "\n".join(f"> {line}".rstrip() for line in lines)
