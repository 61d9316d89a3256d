"""The previews of imported messages, without their pictures."""

import re

from chatapp.domain.limits import MAX_PREVIEW_CHARACTERS
from chatapp.domain.model import LinkPreview

_URL = re.compile(r"https?://[^\s<>\x00-\x1f]{1,2040}", re.IGNORECASE)


def checked_preview(preview: LinkPreview) -> LinkPreview:
    """Raises ValueError for what no export has: a link must not lead to a script."""
    if not _URL.fullmatch(preview.url):
        raise ValueError(f"it has a preview of {preview.url[:60]!r}")
    words = (preview.title, preview.text, preview.site)
    if any(len(text) > MAX_PREVIEW_CHARACTERS or not text.isprintable() for text in words):
        raise ValueError("it has a preview with too many words, or with control characters")
    return LinkPreview(url=preview.url, title=preview.title, text=preview.text, site=preview.site)
