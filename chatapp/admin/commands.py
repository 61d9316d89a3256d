"""Commands of the command line for what admins do in the console."""

from collections.abc import Callable
from typing import Any

from chatapp.admin.filters import Filters
from chatapp.domain.future import Future
from chatapp.features.accounts.commands import account_commands, token_commands
from chatapp.features.accounts.manager import AccountManager
from chatapp.features.accounts.people import PeopleManager
from chatapp.features.accounts.profiles import ProfileManager
from chatapp.features.moderation.manager import ModerationManager
from chatapp.features.statuses.manager import StatusManager
from chatapp.protocol.requests import Ban
from chatapp.store.message_log import MessageLog
from chatapp.web.waiting import wait


def admin_commands(
    accounts: AccountManager,
    people: PeopleManager,
    profiles: ProfileManager,
    moderation: ModerationManager,
    audit: MessageLog,
    *,
    statuses: StatusManager,
    disconnect_banned: Callable[[], None],
    address: Callable[[], str],
) -> dict[str, Callable[..., Any]]:
    """`disconnect_banned()` closes the connections of banned people; `address()` is the chat's
    address."""

    def ban(reason: str, **whom: Any) -> Future[None]:
        banned = moderation.ban(None, Ban(reason=reason, **whom))
        banned.add_done_callback(lambda _: disconnect_banned())
        return banned

    def unban(**whom: Any) -> Future[None]:
        return moderation.unban(None, Ban(**whom))

    def find_audit(who: str, what: str, day: str, limit: int) -> list[str]:
        filters = Filters.of({"sender": who, "room": what, "day": day})
        found = wait(audit.find(**filters.wanted, limit=limit))
        return [logged.raw.decode().rstrip("\n") for logged in reversed(found)]

    return {
        **account_commands(accounts, people, profiles, address),
        **token_commands(people),
        "user.clear-status": lambda name: statuses.clear(None, name),
        "user.ban": ban,
        "user.unban": unban,
        "audit": find_audit,
    }
