"""Creates the incoming webhooks."""

import secrets
from collections.abc import Callable

from chatapp.app.infrastructure import Infrastructure
from chatapp.domain import clock
from chatapp.domain.future import Future
from chatapp.domain.model import Person
from chatapp.domain.rates import Rate
from chatapp.domain.rights import By
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.model import Account
from chatapp.features.audit.manager import Audit
from chatapp.features.bots.manager import BotManager, WantedLimits
from chatapp.features.incoming_webhooks.manager import IncomingHookManager, PostByHook
from chatapp.features.incoming_webhooks.rows import IncomingHookRows
from chatapp.features.rooms.manager import RoomManager
from chatapp.ports import RateLimits

DELIVERIES = Rate(burst=60, per_second=1)
"""How often a webhook can be used."""
SECRET_BYTES = 24


def make_incoming_hooks(
    infrastructure: Infrastructure,
    rows: IncomingHookRows,
    accounts: AccountManager,
    bots: BotManager,
    rooms: RoomManager,
    *,
    post: PostByHook,
    check_stay: Callable[[Person], None],
    max_text_bytes: Callable[[], int],
    limits: RateLimits,
    audit: Audit,
) -> IncomingHookManager:
    is_limited = infrastructure.config.message_rate is not None
    return IncomingHookManager(
        rows,
        accounts.registry,
        room=rooms.any,
        make_bot=making_bots(bots),
        enter=bots.enter,
        post=post,
        check_stay=check_stay,
        names=lambda: accounts.registry.names,
        max_text_bytes=max_text_bytes,
        pace=limits.limiter(DELIVERIES if is_limited else None, "deliveries to this webhook"),
        clock=clock.now,
        secret=lambda: secrets.token_urlsafe(SECRET_BYTES),
        server_secret=infrastructure.secret,
        note=audit,
    )


def making_bots(bots: BotManager) -> Callable[[By, str, str | None, str], Future[Account]]:
    """Makes a bot of an owner, which may be in one room only."""

    def make(by: By, name: str, owner: str | None, room: str) -> Future[Account]:
        return bots.add(by, name, WantedLimits(owner=owner, rooms=[room]))

    return make
