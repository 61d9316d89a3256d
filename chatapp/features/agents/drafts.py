"""Drafts: what an agent wants to say, and a person is to approve.

A draft is not shown where it would be posted: its words would be there before anybody has approved
them. It stands in the conversation of the bot and its owner, who answers for the bot, and could be
in every room that the bot is in. What happens to it then is in approvals.py.

    row, without a message ── message, with the cid of the draft ── row, with its seq ── ✅ ❌

After a crash, the same steps are done again: the log has the cid.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from chatapp.domain.clock import Clock, timestamp
from chatapp.domain.errors import BadPayload, NotAllowed, TooLong
from chatapp.domain.future import Future
from chatapp.domain.limits import checked_emoji, checked_text
from chatapp.domain.model import Appended, Draft, Message, Person, Room
from chatapp.domain.rights import require_agent
from chatapp.features.accounts.account_store import AccountStore
from chatapp.features.accounts.model import Account, as_person
from chatapp.features.agents.draft_texts import APPROVE, FRAME_BYTES, REFUSE, shown_text
from chatapp.features.agents.private_reads import PrivateReads
from chatapp.features.agents.rows import AgentDraftRow, AgentDraftRows, cid_of, expiry
from chatapp.ports import MessageStore
from chatapp.protocol.agents import AgentDraft, ShownDraft
from chatapp.protocol.requests import Post
from chatapp.tables.rerun import once

MAX_PENDING = 20
"""Drafts of an agent that wait for a person."""

FindRoom = Callable[[Person, str], Room]


class DraftManager:
    """`find(agent, name)` is a room of the agent's list. `converse(bot, owner)` opens their
    conversation. `check(agent, post)` raises an error if this could never be posted."""

    def __init__(
        self,
        rows: AgentDraftRows,
        reads: PrivateReads,
        log: MessageStore,
        registry: AccountStore,
        *,
        find: FindRoom,
        titled: Callable[[str], str],
        converse: Callable[[Account, Account], Future[Room]],
        check: Callable[[Person, Post], None],
        max_text_bytes: Callable[[], int],
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self.rows = rows
        self._reads = reads
        self._log = log
        self._registry = registry
        self._find = find
        self._titled = titled
        self._converse = converse
        self._check = check
        self._max_text_bytes = max_text_bytes
        self._clock = clock
        self._new_id = new_id

    def draft(self, agent: Person, wanted: AgentDraft) -> Future[ShownDraft]:
        """Write a draft, and show it to the bot's owner."""
        room = self._find(agent, wanted.room)
        self._reads.require_free(agent, room, self._titled)
        row = self._row(agent, room, wanted)
        pending = [one for one in self.rows.of(agent.id).values() if one.is_open]
        if len(pending) >= MAX_PENDING:
            raise NotAllowed(f"{MAX_PENDING} of your drafts wait for a person already.")
        bot, owner = self._bot_and_owner(agent.id)
        id = once("the id of the draft", self._new_id)
        if begun := self.rows.table.get(id):
            return self.show(id, begun).then(lambda now: now.told(id))

        def begin(conversation: Room) -> Future[ShownDraft]:
            new = replace(row, shown_in=conversation.name)
            written = self.rows.change(id, None, new)
            return written.chain(lambda _: self.show(id, new)).then(lambda now: now.told(id))

        return self._converse(bot, owner).chain(begin)

    def all_of(self, agent: Person) -> list[ShownDraft]:
        """What became of the agent's drafts, newest first."""
        require_agent(agent, self._registry.limits_of(agent.id))
        return [row.told(id) for id, row in self.rows.of(agent.id).items()]

    def show(self, id: str, row: AgentDraftRow) -> Future[AgentDraftRow]:
        """Write the message that shows a draft, if it is not there yet. Returns the row as it is
        then."""
        account = self._registry.by_id(row.by)
        if account is None or row.shown:
            return Future.of(row)
        bot = as_person(account)
        posted = self._log.append(
            _said(bot, row, type="message", text=shown_text(row), cid=cid_of(id))
        )

        def noted(appended: Appended) -> Future[AgentDraftRow]:
            there = self.rows.table.get(id)
            if there is None or there.shown:
                return Future.of(there or row)
            now = replace(there, shown=appended.event.seq)
            return self.rows.change(id, there, now).chain(lambda _: self._offer(bot, now))

        return posted.chain(noted)

    def update(self, row: AgentDraftRow) -> Future[None]:
        """Bring the message that shows a draft up to date with its row."""
        message = self._log.message(row.shown_in, row.shown)
        account = self._registry.by_id(row.by)
        text = shown_text(row)
        if account is None or message is None or message.deleted_by or message.text == text:
            return Future.of(None)
        edit = _said(as_person(account), row, type="edit", target=row.shown, text=text)
        return self._log.append(edit).then(_nothing)

    def _offer(self, bot: Person, row: AgentDraftRow) -> Future[AgentDraftRow]:
        """The bot reacts first, so that its owner has only to press one of the two."""

        def react(emoji: str) -> Future[Appended]:
            return self._log.append(
                _said(bot, row, type="react", target=row.shown, emoji=emoji, on=True)
            )

        return react(APPROVE).chain(lambda _: react(REFUSE)).then(lambda _: row)

    def _row(self, agent: Person, room: Room, wanted: AgentDraft) -> AgentDraftRow:
        now = self._clock()
        row = AgentDraftRow(
            by=agent.id,
            room=room.name,
            at=timestamp(now),
            expires_at=expiry(now),
            shown_in="",
            text=wanted.text,
            reply_to=wanted.reply_to,
            thread=wanted.thread,
            emoji=wanted.emoji,
            react_to=wanted.react_to,
        )
        if wanted.emoji is None:
            self._check_text(agent, row)
            return row
        if wanted.text is not None or wanted.reply_to or wanted.thread or not wanted.react_to:
            raise BadPayload("A reaction has an `emoji` and the message `react_to`, and no text.")
        self._message(room, wanted.react_to)
        return replace(row, emoji=checked_emoji(wanted.emoji))

    def _check_text(self, agent: Person, row: AgentDraftRow) -> None:
        if row.text is None or row.react_to:
            raise BadPayload("Give a `text`, or an `emoji` and the message `react_to`.")
        checked_text(row.text, self._max_text_bytes())
        if len(shown_text(row).encode()) > self._max_text_bytes() - FRAME_BYTES:
            raise TooLong("The draft is too long to be shown to a person as a whole.")
        self._check(agent, row.post("new"))

    def _message(self, room: Room, seq: int) -> Message:
        message = self._log.message(room.name, seq)
        if message is None or message.deleted_by is not None or message.system is not None:
            raise BadPayload(f"There is no message {seq} in {room.name!r} to react to.")
        return message

    def _bot_and_owner(self, id: str) -> tuple[Account, Account]:
        bot, owner = self._registry.by_id(id), self._registry.owner_of(id)
        answers = owner and self._registry.by_id(owner)
        if bot is None or not answers:
            raise NotAllowed("A bot without an owner can write no drafts.")
        return bot, answers


def _said(bot: Person, row: AgentDraftRow, **what: Any) -> Draft:
    """An event of the bot in its owner's conversation. The chat writes it there for the bot, which
    cannot see that room."""
    return Draft(room=row.shown_in, sender=bot.name, by=bot.id, **what)


def _nothing(_: object) -> None:
    return None
