"""What a web page says of itself: title, description, the site's name, a picture.

From Open Graph (https://ogp.me), Twitter's cards, and what HTML itself has. It is
untrusted text, so it becomes plain text of one line, without control characters.

Only the tags that count are cut out of a page and parsed: a parser of all HTML takes minutes for
half a megabyte of tags that are opened and not closed.
"""

import re
import time
import unicodedata
from itertools import islice
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from chatapp.domain.limits import MAX_PREVIEW_CHARACTERS
from chatapp.outbound.calls import Call, OutboundError, PageCall, WebPage
from chatapp.outbound.guarded_http import GuardedHttp
from chatapp.outbound.targets import joined

PAGE_BYTES = 512 * 1024
IMAGE_BYTES = 4 << 20
REDIRECTS = 3
TITLE_CHARACTERS, TEXT_CHARACTERS, SITE_CHARACTERS = 140, MAX_PREVIEW_CHARACTERS, 60
MAX_TAGS = 200
TAG_CHARACTERS = 8192
IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")

_CHARSET = re.compile(rb"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_META_BEGINS = re.compile(r"<meta\b", re.IGNORECASE)
_TITLE_BEGINS = re.compile(r"<title\b", re.IGNORECASE)
_TAG = re.compile(r"""<(?:[^<>"']|"[^"]*+"|'[^']*+')*+>""")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def read_page(wanted: PageCall, http: GuardedHttp) -> WebPage:
    """Raises `OutboundError`, also where the page has no title."""
    end = time.monotonic() + wanted.seconds
    reply = http.call(
        Call(
            url=wanted.url,
            seconds=wanted.seconds,
            max_bytes=PAGE_BYTES,
            cut=True,
            redirects=REDIRECTS,
            allowed=wanted.allowed,
            types=("text/html", "application/xhtml+xml"),
            headers={"Accept": "text/html"},
        )
    )
    if reply.status != 200:
        raise OutboundError("bad_answer", f"The page answers with {reply.status}.")
    facts = _Facts(_text(reply.body, reply.headers.get("content-type", "")))
    title = _line(facts.first("og:title", "twitter:title") or facts.title, TITLE_CHARACTERS)
    if not title:
        raise OutboundError("bad_answer", "The page has no title.")
    picture = facts.first("og:image:secure_url", "og:image", "twitter:image")
    return WebPage(
        url=reply.url,
        title=title,
        text=_line(
            facts.first("og:description", "twitter:description", "description"), TEXT_CHARACTERS
        ),
        site=_line(facts.first("og:site_name"), SITE_CHARACTERS)
        or urlsplit(reply.url).hostname
        or "",
        image=_image(reply.url, picture, end, wanted, http) if picture else b"",
    )


def _image(base: str, url: str, end: float, wanted: PageCall, http: GuardedHttp) -> bytes:
    """The picture; nothing if it cannot be had. The preview does without it then."""
    try:
        reply = http.call(
            Call(
                url=joined(base, url),
                seconds=end - time.monotonic(),
                max_bytes=IMAGE_BYTES,
                redirects=REDIRECTS,
                allowed=wanted.allowed,
                types=IMAGE_TYPES,
                headers={"Accept": ", ".join(IMAGE_TYPES)},
            )
        )
    except OutboundError:
        return b""
    return reply.body if reply.status == 200 else b""


class _Facts:
    """What the tags of a page say."""

    def __init__(self, html: str) -> None:
        tree = LexborHTMLParser(_tags_that_count(html))
        title = tree.css_first("title")
        self.title = title.text() if title else ""
        self._meta: dict[str, str] = {}
        for meta in tree.css("meta"):
            name = meta.attributes.get("property") or meta.attributes.get("name")
            self._meta.setdefault((name or "").lower(), meta.attributes.get("content") or "")

    def first(self, *names: str) -> str:
        """The first of these that the page has; "" if it has none."""
        return next((said for name in names if (said := self._meta.get(name, "").strip())), "")


def _tags_that_count(html: str) -> str:
    starts = [found.start() for found in islice(_META_BEGINS.finditer(html), MAX_TAGS)]
    tags = (_TAG.match(html, start, start + TAG_CHARACTERS) for start in starts)
    title = _TITLE_BEGINS.search(html)
    titles = [html[title.start() : title.start() + TAG_CHARACTERS]] if title else []
    return "".join([*(tag[0] for tag in tags if tag), *titles])


def _text(body: bytes, content_type: str) -> str:
    """The page as text, in the encoding that it says it has; else UTF-8."""
    said = _CHARSET.search(content_type.encode("ascii", "replace")) or _CHARSET.search(body[:4096])
    try:
        return body.decode(said[1].decode() if said else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _line(text: str, characters: int) -> str:
    """The text in one line, without what is not seen, and no longer than this."""
    seen = "".join(" " if _is_unseen(character) else character for character in text[:10_000])
    line = " ".join(seen.split())
    return line if len(line) <= characters else line[: characters - 1].rstrip() + "…"


def _is_unseen(character: str) -> bool:
    """All controls but the one that joins emoji."""
    return unicodedata.category(character) in _UNSEEN and character != "\u200d"
