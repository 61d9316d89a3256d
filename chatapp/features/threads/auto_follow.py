"""Follows threads for people: those in which they post, those that answer them, and those that
mention them.

It hears of each event that this process has appended, once it is durable. Nothing is written for
whoever follows already, which is nearly always so. A follow that cannot be written, such as on a
full disk, is left out.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Set

from chatapp.domain.future import Future
from chatapp.domain.limits import name_key
from chatapp.domain.model import Event, Message, Person, Room
from chatapp.features.threads.follows import Follow, Follows, Thread
from chatapp.store.feed import ELSEWHERE
from chatapp.tables.rerun import rerun

MAX_PEOPLE = 20
"""Whom one reply can mention."""
MAX_ROOTS = 10_000
"""Number of threads whose first author is remembered."""

logger = logging.getLogger(__name__)


class AutoFollow:
    """`room(name)` is any room; `may_see(person, room)`: whether they can see it;
    `message(room, seq)` is a message; `mentioned_keys(text)`: the name keys mentioned in a text;
    `find(key)`: the person with this name, with an account or online as a
    guest; `person(id)`: the person with this id, likewise; `tell(person, room, thread)` says that
    somebody follows a thread now."""

    def __init__(
        self,
        follows: Follows,
        *,
        room: Callable[[str], Room],
        may_see: Callable[[Person, Room], bool],
        message: Callable[[str, int], Message | None],
        mentioned_keys: Callable[[str], Set[str]],
        find: Callable[[str], Person | None],
        person: Callable[[str], Person | None],
        tell: Callable[[Person, Room, Thread], object],
    ) -> None:
        self._follows = follows
        self._room = room
        self._may_see = may_see
        self._message = message
        self._mentioned_keys = mentioned_keys
        self._find = find
        self._person = person
        self._tell = tell
        self._authors: OrderedDict[Thread, str | None] = OrderedDict()

    def hear(self, event: Event, origin: str | None) -> None:
        if event.thread is None or event.type != "message" or origin == ELSEWHERE:
            return
        if event.system is not None or event.moved_from is not None:
            return
        thread = (event.room, event.thread)
        if event.by is not None:
            known = self._follows.get(event.by, thread)
            if known is None or not known.on:
                self._follow(self._person(event.by), thread, event.seq)
        author = self._author(thread)
        if author not in (None, event.by) and not self._follows.get(author or "", thread):
            self._follow(self._person(author or ""), thread, event.seq - 1)
        for person in self._mentioned(event):
            if self._follows.get(person.id, thread) is None:
                self._follow(person, thread, event.seq - 1)

    def _follow(self, person: Person | None, thread: Thread, read: int) -> None:
        room = self._room(thread[0])
        if person is None or not self._may_see(person, room):
            return

        def write() -> Future[Follow]:
            return self._follows.change(person, thread, Follow(read=read))

        def written(done: Future[Follow]) -> None:
            if done.error is not None:
                logger.warning("A thread of %r is not followed: %s", thread[0], done.error)
            else:
                self._tell(person, room, thread)

        rerun(write).add_done_callback(written)

    def _author(self, thread: Thread) -> str | None:
        """The id of who wrote the first message."""
        if thread not in self._authors:
            root = self._message(*thread)
            self._authors[thread] = root.by if root and root.system is None else None
            if len(self._authors) > MAX_ROOTS:
                self._authors.popitem(last=False)
        return self._authors[thread]

    def _mentioned(self, event: Event) -> Iterable[Person]:
        if "@" not in (event.text or ""):
            return ()
        keys = sorted(self._mentioned_keys(event.text or "") - {name_key(event.sender)})
        return filter(None, map(self._find, keys[:MAX_PEOPLE]))
