"""Creates what agents need, and their tools."""

import secrets

import gevent

from chatapp.app.infrastructure import Infrastructure
from chatapp.app.services import Services
from chatapp.cluster.rate_limits import SharedRateLimits
from chatapp.domain import clock
from chatapp.domain.future import Future
from chatapp.domain.model import Person, Room, Via
from chatapp.domain.rates import Rate
from chatapp.domain.rights import require_joined
from chatapp.features.accounts.model import Account
from chatapp.features.agents.approvals import DraftApprovals
from chatapp.features.agents.drafts import DraftManager
from chatapp.features.agents.events import AgentCalls, agent_handlers
from chatapp.features.agents.manager import AgentManager
from chatapp.features.agents.private_reads import PrivateReads
from chatapp.features.agents.rows import AgentDraftRows
from chatapp.features.api.endpoint import Addresses, add_agent_tools
from chatapp.features.rooms.events import RoomEvents
from chatapp.protocol.requests import Post, React

CALLS = Rate(burst=120, per_second=2)
"""How often an agent can call tools: each call is a record of the audit log."""
DRAFT_ID_BYTES = 12


def add_agents(
    addresses: Addresses,
    infrastructure: Infrastructure,
    services: Services,
    room_events: RoomEvents,
) -> None:
    """From here on, agents are answered, and their drafts approved."""
    registry, limits = services.accounts.registry, SharedRateLimits(infrastructure.broker)
    is_limited = infrastructure.config.message_rate is not None
    reads = PrivateReads(infrastructure.directory, clock=clock.now)
    manager = AgentManager(
        infrastructure.log,
        reads,
        rooms=services.rooms,
        limits_of=registry.limits_of,
        history=services.messages.history,
        present=services.roster.present,
        read_file=services.files.read,
        removed_to=services.retention.removed_to,
        shown_like=registry.shown_like,
    )

    def converse(bot: Account, owner: Account) -> Future[Room]:
        return services.rooms.converse_with_owner(bot, owner).then(room_events.tell)

    drafts = DraftManager(
        AgentDraftRows(infrastructure.directory),
        reads,
        infrastructure.log,
        registry,
        find=manager.find,
        titled=lambda name: services.rooms.any(name).title,
        converse=converse,
        check=services.messages.check,
        max_text_bytes=lambda: services.settings.now.max_text_bytes,
        clock=clock.now,
        new_id=lambda: secrets.token_hex(DRAFT_ID_BYTES),
    )
    approve_drafts(infrastructure, services, drafts)
    registry.on_change(lambda _key, old, new: _forget(reads, drafts, old, new))
    pace = limits.limiter(CALLS if is_limited else None, "calls of this agent")
    handlers = agent_handlers(AgentCalls(services.audit, pace), manager, drafts)
    add_agent_tools(addresses, infrastructure.realtime, handlers, services.refusals)


def approve_drafts(
    infrastructure: Infrastructure, services: Services, drafts: DraftManager
) -> None:
    """From here on, what people answer to drafts is done."""

    def may_post(person: Person, name: str) -> None:
        services.check_stay(person)
        room = services.rooms.find(person, name)
        require_joined(room, services.memberships.is_in(person.id, room))
        services.moderation.check_post(person, room)

    def post(bot: Person, wanted: Post, approver: str) -> Future[int]:
        services.check_stay(bot)
        posted = services.messages.post(bot, wanted, via=Via(approved_by=approver))
        return posted.then(lambda appended: appended.event.seq)

    def react(bot: Person, wanted: React) -> Future[None]:
        services.check_stay(bot)
        return services.messages.react(bot, wanted).then(lambda _: None)

    approvals = DraftApprovals(
        drafts,
        infrastructure.log,
        services.accounts.registry,
        may_post=may_post,
        post=post,
        react=react,
        note=services.audit,
        lease=infrastructure.nodes.lease,
        clock=clock.now,
        later=gevent.spawn_later,
    )
    infrastructure.log.feed.subscribe(approvals.hear)
    gevent.spawn(approvals.start)


def _forget(
    reads: PrivateReads, drafts: DraftManager, old: Account | None, new: Account | None
) -> None:
    """An account is gone: so is what was kept of it."""
    if old is not None and new is None:
        reads.forget(old.id)
        drafts.rows.forget(old.id)
