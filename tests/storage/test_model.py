"""The log against a dict: whatever is done to it, in any order, both say the same."""

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chatapp.files import MIGRATIONS
from chatapp.model import Draft
from chatapp.storage import Disk, MessageLog
from chatapp.storage.backup import backup, restore
from chatapp.storage.erase import erase
from chatapp.storage.hot_erase import prepare
from chatapp.storage.migrate import migrate, migrations
from chatapp.storage.repair import repair
from chatapp.storage.retain import retain
from chatapp.storage.verify import verify
from chatapp.storage.wanted import Wanted

from .conftest import rounds
from .version_1 import has_only_what_it_knew, make_old

ROOMS = st.sampled_from(["general", "tea", "北京"])
NAMES = st.sampled_from(["ana", "bo", "Cy D."])
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
PICK = st.integers(0, 10_000)
SHARED = Path("/dev/shm")


class Said:
    """A message of the model."""

    def __init__(self, sender: str, text: str, at: datetime, cid: str | None) -> None:
        self.sender = sender
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
        event = self.log.append(draft).result()
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

    @rule(room=ROOMS, sender=NAMES, text=TEXTS, cid=st.none() | st.integers(0, 20))
    def send(self, room: str, sender: str, text: str, cid: int | None) -> None:
        """Also a retry: with a cid that is there, nothing is stored."""
        name = None if cid is None else f"cid {cid}"
        known = next(
            (
                said
                for each in self.rooms
                for _, said in self._messages(each)
                if name is not None and (said.sender, said.cid) == (sender, name)
            ),
            None,
        )
        found = self.log.find_cid(sender, name) if name else None
        assert (found is not None) == (known is not None)
        if found is None:
            draft = Draft(room=room, sender=sender, text=text, cid=name)
            self._append(draft, Said(sender, text, self.now, name))

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
        erase(
            Disk(), self.folder / "messages", wanted=lambda r: r.sender == name, when="2026-01-01"
        )
        self.log = self._open()
        self._forget_texts(name)

    @precondition(lambda self: len(self.order) > 5)
    @rule(name=NAMES)
    def erase_while_it_is_open(self, name: str) -> None:
        active = self.log.begin_erasing().result()
        prepare(
            Disk(), self.folder / "messages", Wanted(sender=name), when="2026-01-01", active=active
        )
        for step in self.log.finish_erasing():
            step.result()
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
        (directory / "manifest.json").write_text('{"format":2,"epoch":"e","revision":"r"}')
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
        """From version 1, where all was known to that; else there is nothing to do."""
        self.log.close()
        epoch, folder = self.log.epoch, self.folder / "messages"
        is_old = has_only_what_it_knew(folder)
        if is_old:
            make_old(folder)
        shutil.rmtree(self.folder / "before", ignore_errors=True)
        done = migrate(Disk(), folder, migrations(MIGRATIONS), backup=self.folder / "before")
        assert done.old == (1 if is_old else 2)
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
    max_examples=rounds(200, 2_000),
    stateful_step_count=50,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
