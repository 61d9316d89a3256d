"""Lines that the chat itself writes into a room: who joined, was invited or left, a new title or
topic, and who started a group conversation with whom.

Each is a message in the log, whose text is an English sentence and whose `system` says what
happened, so that old clients, exports and `tail -f | jq` read well, and pages can say it in the
reader's language. It counts as unread for nobody, mentions nobody, and cannot be changed.

Guests write none, because anybody can be any number of guests. `general`, which everyone is in, and
direct rooms of two have none. A person who comes and goes too often writes no more of them; but in
a group conversation, where nobody comes by themselves, all are written: an import learns from them
who is in it. A line that cannot be written, such as on a full disk, is left out: what it says has
happened all the same.
"""

from collections.abc import Callable, Iterator

from chatapp.domain.errors import ChatError
from chatapp.domain.future import Future
from chatapp.domain.model import GENERAL, Appended, Draft, Person, Room, SystemLine, What
from chatapp.domain.rates import PersonPace

Append = Callable[[Draft], Future[Appended]]


class SystemLines:
    def __init__(self, append: Append, pace: PersonPace) -> None:
        """`pace`: how often a person's lines are written."""
        self._append = append
        self._pace = pace

    def joined(self, person: Person, room: Room) -> Future[None]:
        """Done when the line is in the log, or will not be."""
        return self._write(person, room, "joined", "joined")

    def left(self, person: Person, room: Room) -> Future[None]:
        return self._write(person, room, "left", "left")

    def started(self, by: Person, room: Room) -> Future[None]:
        """With whom a group conversation was started."""
        people = sorted(
            (name for id, name in room.members.items() if id != by.id), key=str.casefold
        )
        news = f"started a conversation with {', '.join(people)}"
        return self._write(by, room, "started", news, people=people)

    def changed(self, by: Person, old: Room, new: Room) -> Future[Room]:
        """The changed room, when the log says what has changed in it."""
        written = [self._write(by, new, *news) for news in _news(by, old, new)]
        last = written[-1] if written else Future.of(None)
        return last.then(lambda _: new)

    def _write(
        self,
        by: Person,
        room: Room,
        what: What,
        news: str,
        who: str | None = None,
        *,
        people: list[str] | None = None,
    ) -> Future[None]:
        done: Future[None] = Future()
        is_told = what in {"renamed", "topic"} or room.name != GENERAL
        if by.is_guest or not is_told or (room.kind == "direct" and not room.is_group):
            return Future.of(None)
        line = Draft(
            room=room.name,
            sender=by.name,
            by=by.id,
            text=f"{by.name} {news}",
            system=SystemLine(what=what, who=who, people=people),
        )
        try:
            if not room.is_group:
                self._pace.check(by)
            self._append(line).add_done_callback(lambda _: done.resolve(None))
        except ChatError:
            done.resolve(None)
        return done


def _news(by: Person, old: Room, new: Room) -> Iterator[tuple[What, str, str | None]]:
    """What has changed, the rest of the sentence, and the person it was done to."""
    if new.is_group:
        yield from _new_name(old, new)
    elif new.title != old.title:
        yield "renamed", f"renamed the room to “{new.title}”", None
    if new.topic != old.topic:
        topic = f"changed the topic to “{new.topic}”" if new.topic else "cleared the topic"
        yield "topic", topic, None
    for name in (new.members[id] for id in new.members.keys() - old.members.keys()):
        yield "invited", f"added {name}", name
    for id in old.members.keys() - new.members.keys():
        name = old.members[id]
        yield ("left", "left", None) if id == by.id else ("removed", f"removed {name}", name)


def _new_name(old: Room, new: Room) -> Iterator[tuple[What, str, None]]:
    """Of a group: without a name, its title changes with its people."""
    if new.named and (not old.named or new.title != old.title):
        yield "renamed", f"named the conversation “{new.title}”", None
    elif old.named and not new.named:
        yield "renamed", "removed the conversation's name", None
