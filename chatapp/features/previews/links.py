"""The links of a text that get a preview."""

from collections.abc import Iterator
from itertools import islice

from chatapp.domain.limits import MAX_PREVIEWS
from chatapp.text.tokens import spans


def links_to_preview(text: str) -> list[str]:
    """The first different links to web pages that stand in the text with `http`. `<https://…>` gets
    no preview: so somebody who writes can go without one."""
    if "http" not in text:
        return []
    found = dict.fromkeys(link for link in _links(text) if link in text)
    return list(islice(found, MAX_PREVIEWS))


def _links(text: str) -> Iterator[str]:
    for span in spans(text):
        is_held = text[span.start - 1 : span.start] == "<" and text[span.end : span.end + 1] == ">"
        if span.kind == "link" and span.value.lower().startswith("http") and not is_held:
            yield span.value
