"""What a person answers to a draft: ✅ posts it, ❌ refuses it; a day without an answer ends it.

    reaction in the log ── row: approved ── post, with the draft's cid ── row: posted ── message
                      └─── row: refused ── message

The log says what was answered, and the first answer that counts decides. The process with the lease
does the rest; after a crash between any two steps, whoever has the lease does them again, and the
log has the cid: it stays one message. An answer counts if it is of the bot's owner, a person, who
may post in that room at that moment. The bot itself, other bots and other people decide nothing.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.due_times import DueTimes, Later
from chatapp.domain.errors import ChatError, NotAllowed, RateLimited, ReadOnly, Unavailable
from chatapp.domain.future import Future
from chatapp.domain.model import Event, Person
from chatapp.domain.notes import Note
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.model import as_person
from chatapp.features.agents.draft_texts import APPROVE, REFUSE
from chatapp.features.agents.drafts import DraftManager
from chatapp.features.agents.rows import AgentDraftRow
from chatapp.ports import Lease, MessageStore
from chatapp.protocol.requests import Post, React
from chatapp.tables.table import Conflict

AGAIN_SECONDS = 5.0
"""After something failed that has nothing to do with the draft."""

T = TypeVar("T")
PostAs = Callable[[Person, Post, str], Future[int]]
ReactAs = Callable[[Person, React], Future[None]]

logger = logging.getLogger(__name__)


class DraftApprovals:
    """`may_post(person, room)` raises an error if they may not post there now. `post(bot, post,
    approver)` posts by all rules, and `react` reacts. Begins with `start()`, and hears the feed
    from then on."""

    def __init__(
        self,
        drafts: DraftManager,
        log: MessageStore,
        registry: AccountStore,
        *,
        may_post: Callable[[Person, str], None],
        post: PostAs,
        react: ReactAs,
        note: Note,
        lease: Lease,
        clock: Clock,
        later: Later,
    ) -> None:
        self._drafts = drafts
        self._rows = drafts.rows
        self._log = log
        self._registry = registry
        self._may_post = may_post
        self._post = post
        self._react = react
        self._note = note
        self._lease = lease
        self._clock = clock
        self._due = DueTimes(self._ring, clock=clock, later=later, is_on=lambda: lease.is_held)
        self._working: set[str] = set()
        self._once_more: set[str] = set()
        """Those about which there was news while something was being done."""

    def start(self) -> None:
        """Do what was left undone, and from now on what is answered."""
        self._rows.table.on_change(self._changed)
        self._lease.on_taken(self._look_at_all)
        self._look_at_all()

    def hear(self, event: Event, _origin: str | None) -> None:
        """A subscriber of the feed."""
        if event.type == "react" and event.on and event.emoji in (APPROVE, REFUSE):
            id = self._rows.shown_at(event.room, event.target or 0)
            if id is not None and self._lease.is_held:
                self._look(id)

    # When

    def _look_at_all(self) -> None:
        for id, row in self._rows.table.items():
            self._due.set(id, row.next_at)
            if row.is_open and self._lease.is_held:
                self._look(id)

    def _changed(self, id: str, old: AgentDraftRow | None, new: AgentDraftRow | None) -> None:
        """The answer to a draft of another process may have come before its row did."""
        self._due.set(id, new.next_at if new else None)
        is_shown = new is not None and new.is_open and new.shown
        if is_shown and not (old and old.shown) and self._lease.is_held:
            self._look(id)

    def _ring(self, id: str, _at: str) -> None:
        self._look(id)

    def _look(self, id: str) -> None:
        """Do the next step for a draft, unless one is being done: that looks again at its end."""
        row = self._rows.table.get(id)
        if id in self._working:
            self._once_more.add(id)
        if row is None or id in self._working:
            return
        self._working.add(id)
        _tried(lambda: self._step(id, row)).add_done_callback(lambda done: self._settle(id, done))

    def _settle(self, id: str, done: Future[bool]) -> None:
        self._working.discard(id)
        error, row = done.error, self._rows.table.get(id)
        is_news = id in self._once_more
        self._once_more.discard(id)
        if error is not None:
            seconds = error.retry_after if isinstance(error, RateLimited) else None
            if not isinstance(error, Conflict | RateLimited):
                logger.warning("A draft of an agent is looked at again: %r", error)
            again = self._clock() + timedelta(seconds=seconds or AGAIN_SECONDS)
            self._due.set(id, timestamp(again) if row else None)
        elif is_news or done.result():
            self._look(id)
        else:
            self._due.set(id, row.next_at if row else None)

    # What

    def _step(self, id: str, row: AgentDraftRow) -> Future[bool]:
        """Whether there may be more to do at once."""
        now = timestamp(self._clock())
        if row.state == "approved":
            return self._fulfil(id, row)
        if row.state != "pending" and now >= row.next_at:
            return self._rows.change(id, row, None).then(_finished)
        if row.state != "pending":
            return self._drafts.update(row).then(_finished)
        return self._wait(id, row, now)

    def _wait(self, id: str, row: AgentDraftRow, now: str) -> Future[bool]:
        """For an answer, until the draft expires."""
        if not row.shown and now < row.expires_at:
            return self._drafts.show(id, row).then(lambda shown: shown.shown > 0)
        answer = self._answer(row)
        if answer is not None:
            return self._take(id, row, answer)
        if now >= row.expires_at:
            return self._end(id, row, replace(row, state="expired", reason=None))
        return self._drafts.update(row).then(_finished)

    def _answer(self, row: AgentDraftRow) -> Event | None:
        """The first answer of the bot's owner that was not dealt with yet."""
        for event in self._log.followers(row.shown_in, row.shown):
            is_answer = event.type == "react" and event.on and event.emoji in (APPROVE, REFUSE)
            is_in_time = row.answered_to < event.seq and event.at <= row.expires_at
            if is_answer and is_in_time and self._counts(row, event):
                return event
        return None

    def _counts(self, row: AgentDraftRow, event: Event) -> bool:
        """Whether this is of the person who answers for the bot."""
        account = self._registry.by_id(event.by or "")
        is_person = account is not None and account.role not in ("bot", "guest")
        return is_person and event.by == self._registry.owner_of(row.by) and event.by != row.by

    def _take(self, id: str, row: AgentDraftRow, answer: Event) -> Future[bool]:
        answered = replace(row, answered_to=answer.seq, who=answer.sender, reason=None)
        if answer.emoji == REFUSE:
            return self._end(id, row, replace(answered, state="refused"))
        account = self._registry.by_id(answer.by or "")
        try:
            if account is not None:
                self._may_post(as_person(account), row.room)
        except RateLimited:
            pass  # A pace, not a right: the message has the bot's.
        except ChatError as refused:
            waiting = replace(answered, who=None, reason=refused.message)
            return self._rows.change(id, row, waiting).then(lambda _: True)
        approved = replace(answered, state="approved", approver=answer.by)
        return self._rows.change(id, row, approved).then(lambda _: True)

    def _fulfil(self, id: str, row: AgentDraftRow) -> Future[bool]:
        """Post what was approved. What only needs patience fails, and is tried again."""
        outcome: Future[bool] = Future()

        def settle(posted: Future[int]) -> None:
            error = posted.error
            if error is None:
                now = replace(row, state="posted", seq=posted.result())
            elif isinstance(error, ChatError) and not isinstance(
                error, RateLimited | Unavailable | ReadOnly
            ):
                now = replace(row, state="failed", reason=error.message)
            else:
                outcome.fail(error)
                return
            _tried(lambda: self._end(id, row, now)).pass_on(outcome)

        _tried(lambda: self._posted(id, row)).add_done_callback(settle)
        return outcome

    def _posted(self, id: str, row: AgentDraftRow) -> Future[int]:
        account = self._registry.by_id(row.by)
        if account is None:
            raise NotAllowed("The bot has no account any more.")
        bot = as_person(account)
        if row.emoji is not None:
            seq = row.react_to or 0
            return self._react(bot, row.reaction()).then(lambda _: seq)
        return self._post(bot, row.post(id), row.who or "")

    def _end(self, id: str, row: AgentDraftRow, now: AgentDraftRow) -> Future[bool]:
        """The end of a draft: the row, the audit log, and the message that shows it."""
        noted = self._note(
            now.who or self._name(now.by),
            "draft",
            state=now.state,
            name=self._name(now.by),
            room=now.room,
            seq=now.seq,
            reason=now.reason,
            draft=id,
        )
        changed = noted.chain(lambda _: self._rows.change(id, row, now))
        return changed.chain(lambda _: self._drafts.update(now)).then(_finished)

    def _name(self, id: str) -> str:
        account = self._registry.by_id(id)
        return account.name if account else id


def _finished(_: object) -> bool:
    return False


def _tried(step: Callable[[], Future[T]]) -> Future[T]:
    """What a step gives, or its error."""
    try:
        return step()
    except Exception as error:
        failed: Future[T] = Future()
        failed.fail(error)
        return failed
