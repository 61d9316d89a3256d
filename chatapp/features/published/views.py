"""The pages of published rooms: `/web/`, `/web/<room>/`, `/web/<room>/<seq>`, and what search
engines and feed readers ask for.

Caches ask at each use whether a page is still there, so what is withdrawn, deleted or erased is
gone at once. Addresses have a rate of their own.
"""

from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from math import ceil
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, make_response, render_template, request, url_for
from msgspec.structs import replace

from chatapp.domain.addresses import network_of
from chatapp.domain.errors import NotFound
from chatapp.domain.limits import MAX_INTEGER
from chatapp.domain.model import Message
from chatapp.domain.rates import RateLimiter
from chatapp.features.files.manager import FileManager
from chatapp.features.files.serving import send_file, send_preview
from chatapp.features.published.addresses import address_of
from chatapp.features.published.manager import PublishedRoom, PublishedRooms
from chatapp.features.published.reading import PublishedMessages
from chatapp.protocol.values import Profile

if TYPE_CHECKING:
    from chatapp.features.published.rendering import WebRenderer

MESSAGES_A_SITEMAP = 500
IN_A_FEED = 30
NO_ROBOTS = "User-agent: *\nDisallow: /\n"
ROBOTS = "User-agent: *\nAllow: /web/\nDisallow: /\nSitemap: {sitemap}\n"
XML = "application/xml"
ATOM = "application/atom+xml"


def published_blueprint(
    rooms: PublishedRooms,
    messages: PublishedMessages,
    files: FileManager,
    *,
    profiles: Callable[[Iterable[str]], dict[str, Profile]],
    shown: Callable[[str], str],
    pace: RateLimiter,
) -> Blueprint:
    """`profiles(names)` are the profiles of those with an account; `shown(name)` is a display
    name; `pace` limits addresses."""
    web = Blueprint("published", __name__)

    @cache
    def renderer() -> "WebRenderer":
        """Loaded with Markdown for the first reader: most servers publish nothing."""
        rendering = import_module("chatapp.features.published.rendering")
        return cast("WebRenderer", rendering.WebRenderer(messages, shown))

    @web.before_request
    def not_too_fast() -> None:
        pace.check(network_of(request.remote_addr or ""))

    @web.get("/web/")
    def index() -> Response:
        if not rooms.is_on:
            raise NotFound("There is no page at this address.")
        listed = [(of, messages.last_at(of)) for of in rooms.all()]
        return _answer(render_template("web/rooms.html", rooms=listed))

    @web.get("/web/<room>/")
    def page(room: str) -> Response:
        of = rooms.find(room)
        before, after = _seq("before"), _seq("after")
        found = messages.page(of, before=before, after=None if before else after)
        return _answer(
            render_template(
                "web/room.html",
                room=of.room,
                messages=renderer().all(of, found.messages),
                people=_people(found.messages),
                older=found.older,
                newer=found.newer,
                is_newest=before is None and after is None,
                canonical=url_for("published.page", room=room, before=before, _external=True),
            )
        )

    @web.get("/web/<room>/<int:seq>")
    def message(room: str, seq: int) -> Response:
        of = rooms.find(room)
        asked = messages.message(of, _checked(seq))
        root = messages.root(of, asked) or asked
        replies = messages.replies(of, root.seq)
        return _answer(
            render_template(
                "web/message.html",
                room=of.room,
                asked=seq,
                root=renderer().one(of, root),
                replies=renderer().all(of, replies),
                people=_people([root, *replies]),
                title=renderer().title(asked),
                summary=renderer().summary(asked),
                picture=renderer().picture(of, asked),
                at=asked.at,
                around=url_for("published.page", room=room, before=min(root.seq + 1, MAX_INTEGER)),
                canonical=address_of(of, root.seq, is_whole=True),
            )
        )

    def _people(of: list[Message]) -> dict[str, Profile]:
        """Without photos, which are for people in the chat."""
        known = profiles({message.sender for message in of})
        return {name: replace(profile, photo="") for name, profile in known.items()}

    _add_files(web, rooms, messages, files)
    _add_for_programs(web, rooms, messages, renderer, shown)
    return web


def _add_files(
    web: Blueprint, rooms: PublishedRooms, messages: PublishedMessages, files: FileManager
) -> None:
    @web.get("/web/<room>/<int:seq>/files/<id>/<path:name>")
    def file(room: str, seq: int, id: str, name: str) -> Response:
        return send_file(files, messages.file(rooms.find(room), _checked(seq), id))

    @web.get("/web/<room>/<int:seq>/files/<id>")
    def preview(room: str, seq: int, id: str) -> Response:
        return send_preview(files, messages.file(rooms.find(room), _checked(seq), id))


def _add_for_programs(
    web: Blueprint,
    rooms: PublishedRooms,
    messages: PublishedMessages,
    renderer: Callable[[], "WebRenderer"],
    shown: Callable[[str], str],
) -> None:
    """For search engines and readers of feeds."""

    @web.get("/robots.txt")
    def robots() -> Response:
        sitemap = url_for("published.sitemap", _external=True)
        text = ROBOTS.format(sitemap=sitemap) if rooms.all() else NO_ROBOTS
        return _answer(text, "text/plain")

    @web.get("/web/<room>/feed.atom")
    def feed(room: str) -> Response:
        of = rooms.find(room)
        recent = messages.recent(of, IN_A_FEED)
        entries = [
            {
                "url": address_of(of, each.seq, is_whole=True),
                "title": renderer().title(each),
                "name": shown(each.sender),
                "at": each.at,
                "updated": each.edited_at or each.at,
                "html": renderer().html(each),
            }
            for each in recent
        ]
        updated = max((each.edited_at or each.at for each in recent), default=of.room.created_at)
        return _answer(
            render_template("web/feed.xml", room=of.room, entries=entries, updated=updated), ATOM
        )

    @web.get("/web/sitemap.xml")
    def sitemap() -> Response:
        parts = [
            (url_for("published.sitemap_part", room=of.room.name, part=part, _external=True))
            for of in rooms.all()
            for part in range(1, _parts(of, messages.head(of)) + 1)
        ]
        return _answer(render_template("web/sitemaps.xml", parts=parts), XML)

    @web.get("/web/<room>/sitemap-<int:part>.xml")
    def sitemap_part(room: str, part: int) -> Response:
        of = rooms.find(room)
        if not 1 <= part <= _parts(of, messages.head(of)):
            raise NotFound("There is no page at this address.")
        start = of.first - 1 + (part - 1) * MESSAGES_A_SITEMAP
        found = _between(messages, of, start, start + MESSAGES_A_SITEMAP)
        pages = [
            (address_of(of, each.seq, is_whole=True), each.edited_at or each.at) for each in found
        ]
        if part == 1:
            newest = url_for("published.page", room=room, _external=True)
            pages.insert(0, (newest, messages.last_at(of) or ""))
        return _answer(render_template("web/sitemap.xml", pages=pages), XML)


def _between(
    messages: PublishedMessages, of: PublishedRoom, after: int, last: int
) -> list[Message]:
    """The messages with a page behind one seq, up to another."""
    found: list[Message] = []
    while page := messages.seqs(of, after, MESSAGES_A_SITEMAP):
        found += [each for each in page if each.seq <= last]
        after = page[-1].seq
        if after >= last:
            break
    return found


def _parts(of: PublishedRoom, head: int) -> int:
    """The number of sitemaps of a room."""
    return ceil(max(0, head - of.first + 1) / MESSAGES_A_SITEMAP)


def _seq(name: str) -> int | None:
    seq = request.args.get(name, type=int)
    return seq if seq is not None and 0 < seq <= MAX_INTEGER else None


def _checked(seq: int) -> int:
    if not 0 < seq <= MAX_INTEGER:
        raise NotFound("There is no page at this address.")
    return seq


def _answer(text: str, mimetype: str = "text/html") -> Response:
    """Caches may keep it, and ask each time whether it is still so."""
    answer = make_response(text)
    answer.mimetype = mimetype
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.add_etag()
    return answer.make_conditional(request)  # type: ignore[return-value]
