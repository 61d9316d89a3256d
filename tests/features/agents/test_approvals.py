"""What happens to a draft, step by step: with a clock, a lease, and a log of the test's own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chatapp.domain.errors import NotAllowed, RateLimited, ReadOnly
from chatapp.domain.future import Future
from chatapp.domain.model import Draft, Person, Room
from chatapp.features.accounts.model import as_person
from chatapp.features.agents.approvals import DraftApprovals
from chatapp.features.agents.drafts import DraftManager
from chatapp.features.agents.private_reads import PrivateReads
from chatapp.features.agents.rows import AgentDraftRow, AgentDraftRows
from chatapp.features.bots.manager import BotManager, WantedLimits
from chatapp.features.rooms.manager import RoomManager
from chatapp.features.rooms.memberships import Memberships
from chatapp.protocol.agents import AgentDraft
from chatapp.protocol.requests import Create, Post
from chatapp.store.message_log import MessageLog
from tests.support.accounts import PASSWORD, MemoryDirectory, Notes, make_accounts

ATTIC = Room(name="attic", title="The attic", kind="private")


class DraftChat:
    """Ana, her bot, and its drafts for `general`. `go(seconds)` lets time pass."""

    def __init__(self, log: MessageLog) -> None:
        self.now = datetime.now(UTC)
        self.is_held = True
        self.log = log
        self.refusal: Exception | None = None
        self.not_now: Exception | None = None
        self._waiting: list[tuple[datetime, Callable[[], None]]] = []
        self._taken: list[Callable[[], None]] = []
        self.directory, self.notes = MemoryDirectory(), Notes()
        accounts = make_accounts(self.directory, clock=lambda: self.now, note=self.notes)
        self.registry = accounts.registry
        for name in ("Ana", "Ben"):
            accounts.create(name, PASSWORD).result()
        self.ana, self.ben = (as_person(self.registry.find(name)) for name in ("Ana", "Ben"))
        rooms = RoomManager(self.directory, clock=lambda: self.now, account_of=self.registry.named)
        bots = BotManager(
            self.registry,
            self.notes,
            create=accounts.create_bot,
            rooms=rooms,
            memberships=Memberships(self.directory),
        )
        rooms.create(self.ana, Create(room="ci")).result()
        limits = WantedLimits(owner="Ana", rooms=["ci"])
        root = Person(name="root", id="root", role="owner")
        self.bot = as_person(bots.add(root, "scout", limits).result())
        self.reads = PrivateReads(self.directory, clock=lambda: self.now)
        self.rows = AgentDraftRows(self.directory)
        self._rooms = rooms
        self.drafts = self._manager()
        self.approvals = self.started()

    def _manager(self) -> DraftManager:
        return DraftManager(
            self.rows,
            self.reads,
            self.log,
            self.registry,
            find=lambda _agent, name: self._rooms.any(name),
            titled=lambda name: name,
            converse=self._rooms.converse_with_owner,
            check=lambda _agent, _post: None,
            max_text_bytes=lambda: 16_384,
            clock=lambda: self.now,
            new_id=iter(f"d{number}" for number in range(100)).__next__,
        )

    def started(self) -> DraftApprovals:
        approvals = DraftApprovals(
            self.drafts,
            self.log,
            self.registry,
            may_post=self._may_post,
            post=self._post,
            react=lambda _bot, _react: Future.of(None),
            note=self.notes,
            lease=self,
            clock=lambda: self.now,
            later=self._later,
        )
        self.log.feed.subscribe(approvals.hear)
        approvals.start()
        return approvals

    def on_taken(self, begin: Callable[[], None]) -> None:
        self._taken.append(begin)

    def take(self) -> None:
        self.is_held = True
        for begin in self._taken:
            begin()

    def draft(self, text: str = "hello") -> str:
        draft = self._wait(self.drafts.draft(self.bot, AgentDraft(room="ci", text=text)))
        return str(draft.id)

    def row(self, id: str) -> AgentDraftRow:
        row = self.rows.table.get(id)
        assert row is not None
        return row

    def answer(self, id: str, emoji: str, by: Person | None = None, on: bool = True) -> None:
        row, who = self.row(id), by or self.ana
        react: dict[str, Any] = {"type": "react", "target": row.shown, "emoji": emoji, "on": on}
        self._wait(self.log.append(Draft(room=row.shown_in, sender=who.name, by=who.id, **react)))
        self.log.flush()

    def posted(self) -> list[str]:
        self.log.flush()
        return [message.text for message in self.log.history("ci").messages]

    def told(self, id: str) -> str:
        self.log.flush()
        message = self.log.message(self.row(id).shown_in, self.row(id).shown)
        assert message is not None
        return message.text

    def go(self, seconds: float) -> None:
        until = self.now + timedelta(seconds=seconds)
        while due := sorted((at, n) for n, (at, _) in enumerate(self._waiting) if at <= until):
            at, number = due[0]
            _, step = self._waiting.pop(number)
            self.now = max(self.now, at)
            step()
            self.log.flush()
        self.now = until

    def _later(self, seconds: float, step: Callable[[], None]) -> None:
        self._waiting.append((self.now + timedelta(seconds=seconds), step))

    def _may_post(self, _person: Person, _room: str) -> None:
        if self.refusal:
            raise self.refusal

    def _post(self, bot: Person, post: Post, approver: str) -> Future[int]:
        if self.not_now:
            raise self.not_now
        draft = Draft(room=post.room, sender=bot.name, by=bot.id, text=post.text, cid=post.cid)
        assert approver == "Ana"
        return self.log.append(draft).then(lambda appended: appended.event.seq)

    def _wait(self, pending: Future[Any]) -> Any:
        while not pending.done:
            self.log.flush()
        return pending.result()


@pytest.fixture
def chat(tmp_path: Path):
    log = MessageLog.open(tmp_path / "messages", index=tmp_path / "index.sqlite3")
    yield DraftChat(log)
    log.close()


DAY = 24 * 3600


def test_after_a_day_without_an_answer_it_is_over(chat: DraftChat) -> None:
    id = chat.draft()
    chat.go(DAY - 60)
    assert chat.row(id).state == "pending"

    chat.go(120)
    chat.answer(id, "✅")

    assert chat.row(id).state == "expired"
    assert "Expired" in chat.told(id)
    assert chat.posted() == []
    chat.go(8 * DAY)
    assert chat.rows.table.get(id) is None


def test_only_the_owner_of_the_bot_answers(chat: DraftChat) -> None:
    id = chat.draft()

    chat.answer(id, "✅", by=chat.ben)
    chat.answer(id, "❌", by=chat.ben)
    chat.answer(id, "❌", by=chat.bot)
    chat.answer(id, "👍")
    assert chat.row(id).state == "pending"
    chat.answer(id, "✅")

    assert chat.posted() == ["hello"]


def test_an_approval_of_somebody_who_may_not_post_counts_no_more_later(chat: DraftChat) -> None:
    id = chat.draft()
    chat.refusal = NotAllowed("You are muted.")
    chat.answer(id, "✅")
    assert "Not approved yet: You are muted." in chat.told(id)

    chat.refusal = None
    chat.take()
    chat.go(60)

    assert chat.posted() == []
    chat.answer(id, "✅")
    assert chat.posted() == ["hello"]


@pytest.mark.parametrize(
    "problem", [RateLimited("Slow.", retry_after=9), ReadOnly("The disk is full.")]
)
def test_what_only_needs_patience_is_tried_again(chat: DraftChat, problem: Exception) -> None:
    id = chat.draft()
    chat.not_now = problem

    chat.answer(id, "✅")
    assert chat.row(id).state == "approved"
    chat.refusal, chat.not_now = NotAllowed("You are muted by now."), None
    chat.go(20)

    assert (chat.row(id).state, chat.posted()) == ("posted", ["hello"])


def test_who_takes_the_lease_goes_on_where_another_process_was(chat: DraftChat) -> None:
    chat.is_held = False
    id = chat.draft()
    chat.answer(id, "✅")
    assert chat.posted() == []

    chat.take()
    chat.take()

    assert (chat.row(id).state, chat.posted()) == ("posted", ["hello"])


def test_a_crash_after_the_post_leaves_one_message(chat: DraftChat) -> None:
    """The row says that it is approved; whether it was posted, the log knows."""
    id = chat.draft()
    chat.answer(id, "✅")
    done = chat.row(id)

    chat.rows.table.put(id, AgentDraftRow(**_fields(done) | {"state": "approved", "seq": None}))
    chat.started()

    assert (chat.row(id), chat.posted()) == (done, ["hello"])


def test_a_crash_before_it_is_shown_shows_it_once(chat: DraftChat) -> None:
    id = chat.draft()
    row = chat.row(id)

    chat.rows.table.put(id, AgentDraftRow(**_fields(row) | {"shown": 0}))
    chat.started()
    chat.log.flush()

    assert chat.row(id) == row
    shown = [one for one in chat.log.history(row.shown_in).messages if "Draft" in one.text]
    assert len(shown) == 1


def test_a_private_read_binds_for_a_day_and_not_for_ever(chat: DraftChat) -> None:
    ci = chat._rooms.any("ci")
    chat.reads.note(chat.bot, ci)
    chat.reads.require_free(chat.bot, ci, str)
    chat.reads.note(chat.bot, ATTIC)
    commits = chat.directory.commits
    for _ in range(3):
        chat.go(1000)
        chat.reads.note(chat.bot, ATTIC)

    assert chat.directory.commits == commits
    chat.reads.require_free(chat.bot, ATTIC, str)
    chat.go(DAY)
    with pytest.raises(NotAllowed):
        chat.reads.require_free(chat.bot, ci, str)
    chat.go(2 * 3600)
    chat.reads.require_free(chat.bot, ci, str)


def _fields(row: AgentDraftRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}
