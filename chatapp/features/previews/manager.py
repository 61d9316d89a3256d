"""Makes previews: once, by the process that a message was posted to, after it is durable.

    message ── feed ──► links ──► outbound: the page's own words ──► edit with `previews` ── log

A preview becomes part of the message, so nobody's browser asks the linked host for it, and it says
the same for everyone, for ever. Only the chat can write one: there is no event for it, so nobody
makes a link look like another's page. A page that says nothing, or cannot be reached, has none.
Links that an edit adds have none either: what an author removed must not come back. A crash between
the message and the edit loses the preview.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from functools import partial

from chatapp.domain.errors import RateLimited
from chatapp.domain.future import Future
from chatapp.domain.model import Draft, Event, FileInfo, LinkPreview, Message, Room
from chatapp.domain.rates import Clock, Rate, RateLimiter
from chatapp.domain.subjects import Subject, deletion_of, subject_of
from chatapp.features.messages.decisions import Decisions, Unneeded, unless_unneeded
from chatapp.features.previews.links import links_to_preview
from chatapp.outbound.calls import OutboundError, PageCall, WebPage
from chatapp.ports import MessageStore
from chatapp.store.feed import ELSEWHERE

PAGES_AT_ONCE = 32
"""Calls that wait for pages; further links get no preview."""
KEPT_PAGES = 500
KEPT_SECONDS = 24 * 3600.0
FAILED_SECONDS = 3600.0
"""A page that cannot be read is not asked again for so long."""
PAGE_SECONDS = 8.0
"""How long a page and its picture may take."""
PACE = Rate(burst=30, per_second=0.2)
"""How many pages the links of one person make the chat call."""

logger = logging.getLogger(__name__)

ReadPage = Callable[[PageCall], Future[WebPage]]
KeepImage = Callable[[bytes, Event], Future[FileInfo | None]]
"""Keeps the picture of a page as a file of a message; None if it is no picture."""


class PreviewManager:
    """`is_on()`: whether links get previews at all; `room(name)`: the room; `allowed()`: hosts
    that may be called although they are not on the internet."""

    def __init__(
        self,
        log: MessageStore,
        read_page: ReadPage,
        *,
        is_on: Callable[[], bool],
        room: Callable[[str], Room],
        decisions: Decisions,
        keep_image: KeepImage = lambda _image, _event: Future.of(None),
        allowed: Callable[[], frozenset[str]] = frozenset,
        pace: Rate = PACE,
        seconds: float = PAGE_SECONDS,
        now: Clock = time.monotonic,
    ) -> None:
        self._log = log
        self._pages = _Pages(read_page, allowed, seconds, now)
        self._is_on = is_on
        self._room = room
        self._decisions = decisions
        self._keep_image = keep_image
        self._pace = RateLimiter(pace, "links", now)

    def hear(self, event: Event, origin: str | None) -> None:
        """A subscriber of the feed."""
        is_new = event.type == "message" and not event.system and not event.moved_from
        if not is_new or origin == ELSEWHERE or not self._is_on():
            return
        links = links_to_preview(event.text or "")
        if links and self._room(event.room).previews:
            self._preview(event, links)

    def _preview(self, event: Event, links: list[str]) -> None:
        made: dict[str, LinkPreview | None] = {}

        def add(link: str, settled: Future[LinkPreview | None]) -> None:
            made[link] = None if settled.has_failed else settled.result()
            if len(made) == len(links):
                found = [preview for each in links if (preview := made[each])]
                if found:
                    self._keep(event, found)

        for link in links:
            self._one(link, event).add_done_callback(partial(add, link))

    def _one(self, link: str, event: Event) -> Future[LinkPreview | None]:
        try:
            self._pace.check(event.by or event.sender)
        except RateLimited:
            return Future.of(None)

        def with_image(page: WebPage) -> Future[LinkPreview | None]:
            def preview(image: FileInfo | None) -> LinkPreview | None:
                return LinkPreview(
                    url=link, title=page.title, text=page.text, site=page.site, image=image
                )

            return self._image(page, event).then(preview)

        return self._pages.read(link).chain(with_image)

    def _image(self, page: WebPage, event: Event) -> Future[FileInfo | None]:
        """The picture; None where it cannot be kept, as on a full disk."""
        outcome: Future[FileInfo | None] = Future()

        def settle(kept: Future[FileInfo | None]) -> None:
            outcome.resolve(None if kept.has_failed else kept.result())

        none: Future[FileInfo | None] = Future.of(None)
        image = self._keep_image(page.image, event) if page.image else none
        image.add_done_callback(settle)
        return outcome

    def _keep(self, event: Event, previews: list[LinkPreview]) -> None:
        message = self._log.message(event.room, event.seq)
        if message is None or not _says(message, event):
            return
        draft = Draft(
            room=message.room,
            sender=message.sender,
            by=message.by,
            type="edit",
            target=message.seq,
            text=message.text,
            previews=previews,
        )
        rests_on: Collection[Subject] = (subject_of(draft), deletion_of(draft))

        def again() -> None:
            now = self._log.message(event.room, event.seq)
            if now is None or not _says(now, event):
                raise Unneeded("The message has changed meanwhile.")

        def append() -> Future[Event | None]:
            again()
            return unless_unneeded(self._log.append(draft, again=again, rests_on=rests_on))

        try:
            appended = self._decisions.make(subject_of(draft), rests_on, append)
        except Unneeded:
            return
        appended.add_done_callback(partial(_note_failure, event))


def _says(message: Message, event: Event) -> bool:
    """Whether a message still has the text that was looked at."""
    is_there = message.deleted_by is None and message.erased_at is None
    return is_there and message.text == event.text


def _note_failure(event: Event, appended: Future[Event | None]) -> None:
    if appended.has_failed:
        logger.info("A preview in %r was not kept: %s", event.room, appended.error)


class _Pages:
    """What pages say of themselves, and which could not be read, for a while."""

    def __init__(
        self,
        read_page: ReadPage,
        allowed: Callable[[], frozenset[str]],
        seconds: float,
        now: Clock,
    ) -> None:
        self._seconds = seconds
        self._read_page = read_page
        self._allowed = allowed
        self._now = now
        self._under_way: dict[str, Future[WebPage]] = {}
        self._kept: OrderedDict[str, tuple[float, Future[WebPage]]] = OrderedDict()

    def read(self, link: str) -> Future[WebPage]:
        until, kept = self._kept.get(link, (0.0, None))
        if kept is not None and until > self._now():
            return kept
        if link in self._under_way:
            return self._under_way[link]
        if len(self._under_way) >= PAGES_AT_ONCE:
            busy: Future[WebPage] = Future()
            busy.fail(OutboundError("busy", "Too many pages are being read."))
            return busy
        page = self._read_page(PageCall(url=link, seconds=self._seconds, allowed=self._allowed()))
        self._under_way[link] = page
        page.add_done_callback(lambda _: self._keep(link, page))
        return page

    def _keep(self, link: str, page: Future[WebPage]) -> None:
        self._under_way.pop(link, None)
        self._kept[link] = self._now() + (FAILED_SECONDS if page.error else KEPT_SECONDS), page
        self._kept.move_to_end(link)
        while len(self._kept) > KEPT_PAGES:
            self._kept.popitem(last=False)
