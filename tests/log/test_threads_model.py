"""Threads against a dict: whatever is said, moved and deleted, and however much of it the index
has, a room, its threads and its folded pages show the same messages."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chatapp.domain.clock import timestamp
from chatapp.domain.model import Draft, Message, Person, Replies, SystemLine
from chatapp.index.thread_unread import ThreadRead
from chatapp.index.unread import UnreadCount
from chatapp.log.disk import Disk
from chatapp.store.message_log import MessageLog
from chatapp.text.mentions import Mentions
from chatapp.text.tokens import Names
from chatapp.upkeep.retain import retain

from .conftest import problems, rounds
from .test_model import SHARED

NAMES = st.sampled_from(["ana", "bo", "cy", "dee"])
ROOMS = st.sampled_from(["general", "tea"])
TEXTS = st.sampled_from(["yes", "@bo, yes", "@bob"])
BO = Person(name="bo", id="id of bo", since="2025-01-01T00:00:00.000Z")
CALLS_BO = Mentions("bo", Names(["bob"]))
PICK = st.integers(0, 10_000)
PAGES = st.integers(1, 7)


class Said(msgspec.Struct):
    sender: str
    text: str
    at: datetime
    thread: int | None = None
    also: bool = False
    deleted: bool = False
    title: str | None = None
    by_chat: bool = False
    pinned: int | None = None
    """The seq of the line that pinned it."""


class ThreadsAgainstDict(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=SHARED if SHARED.is_dir() else None))
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.rooms: dict[str, dict[int, Said]] = {"general": {}, "tea": {}}
        self.log = self._open()

    def _open(self) -> MessageLog:
        return MessageLog.open(
            self.folder / "messages", clock=lambda: self.now, segment_bytes=3_000
        )

    def _append(self, draft: Draft, said: Said | None) -> None:
        self.now += timedelta(seconds=1)
        event = self.log.append(draft).result().event
        if said is not None:
            said.at = self.now
            self.rooms[draft.room][event.seq] = said

    def _pick(self, room: str, pick: int, *, replies: bool) -> int | None:
        said = self.rooms[room]
        found = [
            seq
            for seq, one in said.items()
            if not one.by_chat and (replies or (one.thread is None and seq in said))
        ]
        return found[pick % len(found)] if found else None

    @rule(room=ROOMS, sender=NAMES)
    def send(self, room: str, sender: str) -> None:
        self._append(Draft(room=room, sender=sender, text="tea"), Said(sender, "tea", self.now))

    @rule(room=ROOMS, sender=NAMES, text=TEXTS, pick=PICK, also=st.booleans())
    def reply(self, room: str, sender: str, text: str, pick: int, also: bool) -> None:
        if root := self._pick(room, pick, replies=False):
            draft = Draft(
                room=room, sender=sender, text=text, thread=root, also_to_room=also or None
            )
            self._append(draft, Said(sender, text, self.now, thread=root, also=also))

    @rule(room=ROOMS, text=TEXTS, pick=PICK)
    def edit(self, room: str, text: str, pick: int) -> None:
        if seq := self._pick(room, pick, replies=True):
            said = self.rooms[room][seq]
            draft = Draft(room=room, sender=said.sender, type="edit", target=seq, text=text)
            self._append(draft, None)
            said.text = text

    @rule(room=ROOMS, picks=st.lists(PICK, min_size=1, max_size=4), into=st.none() | PICK)
    def move(self, room: str, picks: list[int], into: int | None) -> None:
        thread = None if into is None else self._pick(room, into, replies=False)
        seqs = {self._pick(room, pick, replies=True) for pick in picks} - {None, thread}
        if not seqs:
            return
        moved = sorted(seq for seq in seqs if seq is not None)
        line = SystemLine(what="moved", seqs=moved, thread=thread)
        draft = Draft(room=room, sender="ana", text="ana moved them", system=line)
        for seq in moved:
            self.rooms[room][seq].thread = thread
        self._append(draft, Said("ana", "", self.now, by_chat=True))

    @rule(room=ROOMS, pick=PICK, pinned=st.booleans())
    def delete(self, room: str, pick: int, pinned: bool) -> None:
        found = [seq for seq, one in self.rooms[room].items() if pinned and one.pinned]
        if seq := found[0] if found else self._pick(room, pick, replies=True):
            self._append(Draft(room=room, sender="ana", type="delete", target=seq), None)
            self.rooms[room][seq].deleted = True

    @rule(room=ROOMS, pick=PICK, title=st.sampled_from(["plan", "“x”", ""]))
    def name(self, room: str, pick: int, title: str) -> None:
        if root := self._pick(room, pick, replies=False):
            text = f"ana named it “{title}”" if title else "ana removed the title"
            line = SystemLine(what="titled", thread=root)
            draft = Draft(room=room, sender="ana", text=text, system=line, thread=root)
            said = Said("ana", "", self.now, thread=root, title=title, by_chat=True)
            self._append(draft, said)

    @rule(room=ROOMS, picks=st.lists(PICK, min_size=1, max_size=3), on=st.booleans())
    def pin(self, room: str, picks: list[int], on: bool) -> None:
        said = self.rooms[room]
        found = {self._pick(room, pick, replies=True) for pick in picks} - {None}
        seqs = [seq for seq in found if seq is not None and not said[seq].deleted]
        if seqs:
            line = SystemLine(what="pinned" if on else "unpinned", seqs=seqs)
            draft = Draft(room=room, sender="ana", text="ana pinned them", system=line)
            self._append(draft, Said("ana", "", self.now, by_chat=True))
            for seq in seqs:
                said[seq].pinned = self.log.head(room) if on else None

    @rule()
    def let_the_index_catch_up(self) -> None:
        self.log.search("anything").result()

    @rule()
    def restart_without_index(self) -> None:
        self.log.close()
        assert problems(self.folder / "messages") == []
        (self.folder / "index.sqlite3").unlink()
        self.log = self._open()

    @precondition(lambda self: len(self.rooms["general"]) > 8)
    @rule()
    def forget_days_that_are_over(self) -> None:
        self.log.close()
        self.now += timedelta(days=1)
        today = self.now.date().isoformat()
        retain(Disk(), self.folder / "messages", first_day=today, backup=None, dry_run=False)
        self.log = self._open()
        for room, said in self.rooms.items():
            left = {e.seq for e in self.log.events(room, after=0, limit=10_000)}
            self.rooms[room] = {seq: one for seq, one in said.items() if seq in left}
            for one in said.values():
                one.pinned = one.pinned if one.pinned in left else None

    @invariant()
    def all_pages_show_the_same(self) -> None:
        for room, said in self.rooms.items():
            shown = self.log.history(room, limit=1000).messages
            assert [(m.seq, m.thread) for m in shown] == [
                (s, one.thread) for s, one in said.items()
            ]
            folded = self.log.history(room, limit=1000, folded=True).messages
            assert _seqs(folded) == [s for s, one in said.items() if not one.thread or one.also]
            for root in {one.thread for one in said.values()} - {None}:
                page = self.log.history(room, limit=1000, thread=root).messages
                assert _seqs(page) == [s for s, one in said.items() if one.thread == root]
            expected = {root: replies for root in said if (replies := self._replies(said, root))}
            with_replies = {m.seq: m.replies for m in folded if m.thread is None and m.replies}
            assert with_replies == {r: e for r, e in expected.items() if not said[r].thread}
            assert self.log.replies(room, list(said)) == expected
            newest = sorted(((e.last_seq, root) for root, e in expected.items()), reverse=True)
            known = self.log.newest_threads(room, before=10_000, limit=1000)
            assert [(seq, root) for root, seq in known if root in said] == newest

    @invariant()
    def pinned_is_what_was_pinned_last_and_is_still_there(self) -> None:
        for room, said in self.rooms.items():
            pins = [(one.pinned, s) for s, one in said.items() if one.pinned and not one.deleted]
            assert [(p.line, p.seq) for p in self.log.pins(room)] == sorted(pins, reverse=True)

    @invariant()
    def replies_are_unread_for_those_who_did_not_write_them(self) -> None:
        for room, said in self.rooms.items():
            head = self.log.head(room)
            marks = [
                ThreadRead(room=room, root=root, read=read, last=last, mentions=CALLS_BO)
                for root in {one.thread for one in said.values()} - {None}
                for read, last in ((0, head), (head // 2, head), (2, head - 2))
            ]
            expected = []
            for mark in marks:
                unread = [
                    one.text
                    for seq, one in said.items()
                    if one.thread == mark.root and mark.read < seq <= mark.last
                    if not one.deleted and not one.by_chat and one.sender != "bo"
                ]
                called = sum(text in CALLS_BO for text in unread)
                expected.append(UnreadCount(unread=len(unread), mentions=called))
            assert self.log.unread_replies(BO, marks) == expected

    @rule(room=ROOMS, size=PAGES, pick=PICK, folded=st.booleans())
    def leaf_through(self, room: str, size: int, pick: int, folded: bool) -> None:
        """Backwards and forwards, by pages."""
        thread = None if folded else self._pick(room, pick, replies=False)
        whole = self.log.history(room, limit=1000, folded=folded, thread=thread).messages
        back: list[Message] = []
        before: int | None = None
        while True:
            page = self.log.history(room, before=before, limit=size, folded=folded, thread=thread)
            back = [*page.messages, *back]
            if not page.more_before:
                break
            before = back[0].seq
        on: list[Message] = []
        while True:
            after = on[-1].seq if on else 0
            page = self.log.history(room, after=after, limit=size, folded=folded, thread=thread)
            on += page.messages
            if not page.more_after:
                break
        assert back == on == whole

    def _replies(self, said: dict[int, Said], root: int) -> Replies | None:
        counting = [
            (seq, one)
            for seq, one in said.items()
            if one.thread == root and not one.deleted and not one.by_chat
        ]
        if not counting:
            return None
        titles = [one.title for one in said.values() if one.thread == root and one.by_chat]
        return Replies(
            count=len(counting),
            last=timestamp(counting[-1][1].at),
            last_seq=counting[-1][0],
            by=list(dict.fromkeys(one.sender for _, one in reversed(counting)))[:3],
            title=(titles[-1] if titles else None) or None,
        )

    def teardown(self) -> None:
        self.log.close()
        assert problems(self.folder / "messages") == []
        shutil.rmtree(self.folder)


def _seqs(messages: list[Message]) -> list[int]:
    return [message.seq for message in messages]


TestThreadsAgainstDict = ThreadsAgainstDict.TestCase
TestThreadsAgainstDict.settings = settings(
    max_examples=rounds(40, 2_000),
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
