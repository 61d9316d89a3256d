"""Turns Markdown into Slack's mrkdwn: what slack_mrkdwn.py does, the other way round.

    **bold**  *italic*  ~~struck~~    *bold*  _italic_  ~struck~
    [text](https://…)  https://…      <https://…|text>  <https://…>
    ```python …```                    the same without the language
    < > &                             &lt; &gt; &amp;

What is a name in a text, and what stands there for it, the caller says.
"""

import re
from collections.abc import Callable, Iterable

from chatapp.text.code import MAY_HIDE, hidden_spans
from chatapp.text.tokens import inline_spans

NamesIn = Callable[[str], Iterable[tuple[int, int, str]]]
"""The names in a text without code: where each starts and ends, and its entity."""

_BOLD = re.compile(r"(?<!\*)\*\*(?=[^\s*])([^\n]*?[^\s*])\*\*(?!\*)")
_ITALIC = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]*?[^\s*])\*(?![\w*])")
_STRUCK = re.compile(r"(?<!~)~~(?=[^\s~])([^~\n]*?[^\s~])~~(?!~)")
_LANGUAGE = re.compile(r"\A(`{3,}|~{3,})[^\n]*\n")
_LABEL = re.compile(r"\A!?\[(.*)\]\(", re.DOTALL)
_ESCAPED = re.compile(r"\\([\[\]\\])")
_WEB = ("https://", "http://")
_MARKS = str.maketrans({"\1": "*", "\2": "_", "\3": "~"})


def as_mrkdwn(text: str, names_in: NamesIn) -> str:
    """The same text in mrkdwn."""
    text = re.sub("[\0-\3]", "", text)  # They stand for entities and marks below.
    entities: list[str] = []
    parts: list[str] = []
    done = 0
    hidden = hidden_spans(text) if MAY_HIDE.search(text) else []
    for start, end, kind, target in hidden:
        parts += _with_entities(text[done:start], names_in, entities), "\0"
        entities.append(
            _link(text[start:end], target) if kind == "link" else _code(text[start:end])
        )
        done = end
    parts.append(_with_entities(text[done:], names_in, entities))
    marked = _marked(escaped("".join(parts)))
    left = iter(entities)
    return re.sub("\0", lambda _: next(left), marked) if entities else marked


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _with_entities(plain: str, names_in: NamesIn, entities: list[str]) -> str:
    links = [
        (start, end, f"<{escaped(plain[start:end])}>")
        for start, end, kind, _ in inline_spans(plain)
        if kind == "link" and plain.startswith(_WEB, start)
    ]
    parts: list[str] = []
    done = 0
    for start, end, entity in sorted([*links, *names_in(plain)]):
        parts += plain[done:start], "\0"
        entities.append(entity)
        done = end
    return "".join([*parts, plain[done:]])


def _marked(text: str) -> str:
    if "*" in text:
        text = _BOLD.sub("\1\\1\1", text)
        text = _ITALIC.sub("\2\\1\2", text)
    if "~" in text:
        text = _STRUCK.sub("\3\\1\3", text)
    return text.translate(_MARKS)


def _link(written: str, target: str) -> str:
    found = _LABEL.match(written)
    label = _ESCAPED.sub(r"\1", found[1]) if found else target
    return f"<{escaped(target)}|{escaped(label)}>"


def _code(written: str) -> str:
    return escaped(_LANGUAGE.sub("```\n", written) if written.startswith("```") else written)
