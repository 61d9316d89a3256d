"""What the command line can do that admins do in the console, by name."""

from collections.abc import Callable
from typing import Any

from chatapp.accounts.commands import account_commands, token_commands
from chatapp.accounts.manager import AccountManager
from chatapp.accounts.people import PeopleManager
from chatapp.accounts.profiles import ProfileManager
from chatapp.accounts.rights import COMMAND_LINE
from chatapp.admin.filters import Filters
from chatapp.admin.reading import LogReader
from chatapp.model import Person
from chatapp.moderation.manager import ModerationManager
from chatapp.pending import Pending
from chatapp.waiting import wait
from chatapp.wire import Ban

OPERATOR = Person(name=COMMAND_LINE, key="", role="owner")
"""Who acts from the command line: whoever holds the data folder."""


def admin_commands(
    accounts: AccountManager,
    people: PeopleManager,
    profiles: ProfileManager,
    moderation: ModerationManager,
    audit: LogReader,
    *,
    show_out: Callable[[], None],
    address: Callable[[], str],
) -> dict[str, Callable[..., Any]]:
    """`show_out()` closes the connections of who is banned; `address()` is where the chat is."""

    def ban(reason: str, **whom: Any) -> Pending[None]:
        banned = moderation.ban(OPERATOR, Ban(reason=reason, **whom))
        banned.when_done(lambda _: show_out())
        return banned

    def unban(**whom: Any) -> Pending[None]:
        return moderation.unban(OPERATOR, Ban(**whom))

    def find_audit(who: str, what: str, day: str, limit: int) -> list[str]:
        filters = Filters.of({"sender": who, "room": what, "day": day})
        found = wait(audit.find(**filters.wanted, limit=limit))
        return [logged.raw.decode().rstrip("\n") for logged in reversed(found)]

    return {
        **account_commands(accounts, people, profiles, address),
        **token_commands(people),
        "user.ban": ban,
        "user.unban": unban,
        "audit": find_audit,
    }
