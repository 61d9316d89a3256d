"""The log against a dict: whatever is done to it, in any order, both say the same."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chatapp.domain.clock import timestamp
from chatapp.domain.future import Future
from chatapp.domain.model import Draft, Person
from chatapp.domain.rights import is_own
from chatapp.index.unread import CALLED_AT_MOST, RoomMark, UnreadCount
from chatapp.log.disk import Disk
from chatapp.resources import MIGRATIONS
from chatapp.store.message_log import MessageLog
from chatapp.text.mentions import Mentions
from chatapp.text.tokens import Names
from chatapp.upkeep.backup import backup, restore
from chatapp.upkeep.erase import ErasureSelector, erase, prepare
from chatapp.upkeep.migrate import migrate, migrations
from chatapp.upkeep.repair import repair
from chatapp.upkeep.retain import retain
from chatapp.upkeep.verify import verify

from .conftest import rounds
from .old_versions import has_only_what_version_1_knew, make_old

ROOMS = st.sampled_from(["general", "tea", "北京"])
NAMES = st.sampled_from(["ana", "bo", "Cy D."])
IDS = st.sampled_from(["id of ana", "guest:bo", None])
CALLS = ("@ana", "hey @Ana Maria/@bo", "@ana-maria", "@cy d.", "@room!", "`@ana`", "交给@ana处理")
TEXTS = st.sampled_from(CALLS) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40
)
PEOPLE = (
    Person(name="ana", id="id of ana", role="member", since="2026-01-02T00:00:00.000Z"),
    Person(name="bo", id="guest:bo"),
    Person(name="Cy D.", id="id of cy", role="admin", since="2025-01-01T00:00:00.000Z"),
)
KNOWN = Names(["ana", "Ana Maria", "Cy D."])
PICK = st.integers(0, 10_000)
SHARED = Path("/dev/shm")


class Said:
    """A message of the model."""

    def __init__(
        self, sender: str, by: str | None, text: str, at: datetime, cid: str | None
    ) -> None:
        self.sender = sender
        self.by = by
        self.text = text
        self.at = at
        self.cid = cid
        self.deleted_by: str | None = None
        self.reactions: dict[str, list[str]] = {}


class LogAgainstDict(RuleBasedStateMachine):
    """Rooms are lists of what happened, None where it was no message; `first` of each is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=SHARED if SHARED.is_dir() else None))
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.rooms: dict[str, list[Said | None]] = {}
        self.order: list[tuple[str, int, datetime]] = []
        self.kept_from: dict[str, int] = {}
        self.log = self._open()

    def _open(self) -> MessageLog:
        return MessageLog.open(
            self.folder / "messages", clock=lambda: self.now, segment_bytes=3_000
        )

    def _append(self, draft: Draft, happened: Said | None) -> None:
        event = self.log.append(draft).result().event
        room = self.rooms.setdefault(draft.room, [])
        room.append(happened)
        self.order.append((draft.room, event.seq, self.now))
        assert event.seq == len(room)

    def _messages(self, room: str) -> list[tuple[int, Said]]:
        first = self.kept_from.get(room, 1)
        said = enumerate(self.rooms.get(room, []), 1)
        return [(seq, one) for seq, one in said if one is not None and seq >= first]

    def _some_message(self, room: str, pick: int) -> tuple[int, Said] | None:
        messages = self._messages(room)
        return messages[pick % len(messages)] if messages else None

    @rule(room=ROOMS, sender=NAMES, by=IDS, text=TEXTS, cid=st.none() | st.integers(0, 20))
    def send(self, room: str, sender: str, by: str | None, text: str, cid: int | None) -> None:
        """Also a retry: with a cid that is there, nothing is stored."""
        name = None if cid is None else f"cid {cid}"
        by = by if cid is None else None  # a cid is its sender's alone
        known = next(
            (
                said
                for _, said in self._messages(room)
                if name is not None and (said.sender, said.cid) == (sender, name)
            ),
            None,
        )
        draft = Draft(room=room, sender=sender, by=by, text=text, cid=name)
        if known is None:
            self._append(draft, Said(sender, by, text, self.now, name))
        else:
            assert self.log.append(draft).result().duplicate

    @rule(room=ROOMS, pick=PICK, text=TEXTS)
    def edit(self, room: str, pick: int, text: str) -> None:
        if found := self._some_message(room, pick):
            seq, said = found
            draft = Draft(room=room, sender=said.sender, type="edit", target=seq, text=text)
            self._append(draft, None)
            if said.deleted_by is None:
                said.text = text

    @rule(room=ROOMS, pick=PICK, by=NAMES)
    def delete(self, room: str, pick: int, by: str) -> None:
        if found := self._some_message(room, pick):
            seq, said = found
            self._append(Draft(room=room, sender=by, type="delete", target=seq), None)
            said.text, said.reactions, said.deleted_by = "", {}, by

    @rule(room=ROOMS, pick=PICK, by=NAMES, emoji=st.sampled_from("👍🎉"), on=st.booleans())
    def react(self, room: str, pick: int, by: str, emoji: str, on: bool) -> None:
        if found := self._some_message(room, pick):
            seq, said = found
            draft = Draft(room=room, sender=by, type="react", target=seq, emoji=emoji, on=on)
            self._append(draft, None)
            if said.deleted_by is None:
                names = [name for name in said.reactions.get(emoji, []) if name != by]
                if on and by in said.reactions.get(emoji, []):
                    names = said.reactions[emoji]
                elif on:
                    names.append(by)
                said.reactions[emoji] = names

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def restart(self) -> None:
        self.log.close()
        self.log = self._open()

    @rule()
    def restart_without_index(self) -> None:
        self.log.close()
        (self.folder / "index.sqlite3").unlink()
        self.log = self._open()

    @precondition(lambda self: len(self.order) > 5)
    @rule(name=NAMES)
    def erase(self, name: str) -> None:
        self.log.close()
        wanted = ErasureSelector(sender=name)
        erase(Disk(), self.folder / "messages", wanted, when="2026-01-01")
        self.log = self._open()
        self._forget_texts(name)

    @precondition(lambda self: len(self.order) > 5)
    @rule(name=NAMES)
    def erase_while_it_is_open(self, name: str) -> None:
        active = self.log.begin_erasing().result()
        prepare(
            Disk(),
            self.folder / "messages",
            ErasureSelector(sender=name),
            when="2026-01-01",
            active=active,
        )
        self.log.finish_erasing(Future.result)
        self._forget_texts(name)

    def _forget_texts(self, name: str) -> None:
        for room in self.rooms.values():
            for said in room:
                if said is not None and said.sender == name:
                    said.text = ""

    @precondition(lambda self: len(self.order) > 5)
    @rule()
    def retain(self) -> None:
        self.log.close()
        today = self.now.date()
        retain(
            Disk(),
            self.folder / "messages",
            first_day=today.isoformat(),
            backup=None,
            dry_run=False,
        )
        self.log = self._open()
        kept = False
        for room, seq, at in self.order:
            kept = kept or at.date() >= today
            if not kept:
                self.kept_from[room] = max(self.kept_from.get(room, 1), seq + 1)

    @precondition(lambda self: len(self.order) > 5)
    @rule()
    def back_up_and_restore(self) -> None:
        self.log.close()
        directory = self.folder / "directory"
        directory.mkdir(exist_ok=True)
        (directory / "000000000001.jsonl").touch()
        (directory / "manifest.json").write_text('{"format":3,"epoch":"e","revision":"r"}')
        shutil.rmtree(self.folder / "copy", ignore_errors=True)
        backup(Disk(), self.folder, self.folder / "copy")
        shutil.rmtree(self.folder / "before", ignore_errors=True)
        restore(Disk(), self.folder / "copy", self.folder, self.folder / "before")
        self.log = self._open()

    @precondition(lambda self: len(self.order) > 5)
    @rule()
    def repair(self) -> None:
        """Of a sound log, repair makes the same one."""
        self.log.close()
        shutil.rmtree(self.folder / "before", ignore_errors=True)
        repair(Disk(), self.folder / "messages", self.folder / "before")
        self.log = self._open()

    @precondition(lambda self: len(self.order) > 5)
    @rule()
    def migrate(self) -> None:
        """From version 1, where all was known to that; else from version 2."""
        self.log.close()
        epoch, folder = self.log.epoch, self.folder / "messages"
        version = 1 if has_only_what_version_1_knew(folder) else 2
        make_old(folder, version)
        shutil.rmtree(self.folder / "before", ignore_errors=True)
        done = migrate(Disk(), folder, migrations(MIGRATIONS), backup=self.folder / "before")
        assert (done.old, done.new) == (version, 3)
        self.log = self._open()
        assert self.log.epoch == epoch

    @invariant()
    def both_say_the_same(self) -> None:
        for room, events in self.rooms.items():
            assert self.log.head(room) == len(events)
            expected = [
                (seq, said.sender, said.text, said.deleted_by, _some(said.reactions))
                for seq, said in self._messages(room)
            ]
            shown = [
                (m.seq, m.sender, m.text, m.deleted_by, m.reactions or {})
                for m in self.log.history(room, limit=1000).messages
            ]
            assert shown == expected

    @rule()
    def search(self) -> None:
        """The index is up to date then."""
        self.log.search("anything").result()

    @invariant()
    def both_count_the_same(self) -> None:
        """For one person after the other."""
        turn = len(self.order)
        person = PEOPLE[turn % len(PEOPLE)]
        mentions = Mentions(person.name, KNOWN, everyone=turn % 2 == 0)
        marks = [
            RoomMark(room=room, read=read, last=min(len(events), read + 7), mentions=mentions)
            for room, events in self.rooms.items()
            for read in (0, len(events) // 2)
        ]
        expected = [self._counted(person, mark) for mark in marks]
        assert self.log.unread(person, marks) == expected

    def _counted(self, person: Person, mark: RoomMark) -> UnreadCount:
        unread = [
            (seq, said.text)
            for seq, said in self._messages(mark.room)
            if mark.read < seq <= mark.last
            and said.deleted_by is None
            and not is_own(person, by=said.by, name=said.sender, at=timestamp(said.at))
        ]
        called = [seq for seq, text in unread if text in mark.mentions]
        return UnreadCount(
            unread=len(unread), mentions=len(called), called=tuple(called[:CALLED_AT_MOST])
        )

    def teardown(self) -> None:
        self.log.close()
        assert (
            verify(
                self.folder / "messages", index=self.folder / "index.sqlite3", processes=1
            ).problems
            == []
        )
        shutil.rmtree(self.folder)


def _some(reactions: dict[str, list[str]]) -> dict[str, list[str]]:
    return {emoji: names for emoji, names in reactions.items() if names}


TestLogAgainstDict = LogAgainstDict.TestCase
TestLogAgainstDict.settings = settings(
    max_examples=rounds(60, 2_000),
    stateful_step_count=50,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
