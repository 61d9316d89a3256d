"""Who may do what to whom.

    by, to       member, bot   admin   owner
    admin        yes           no      no
    owner        yes           yes     yes
    command line yes           yes     yes    it is held by whoever holds the data folder

There is always an owner: the last one stays one, and is not banned.
"""

from chatapp.accounts.model import Account, Role
from chatapp.accounts.registry import Registry
from chatapp.errors import NotAllowed

By = Account | None
"""Who acts; None is the command line."""

COMMAND_LINE = "the command line"


def name_of(by: By) -> str:
    return by.name if by else COMMAND_LINE


def require_power_over(by: By, role: Role) -> None:
    """Raises `NotAllowed` unless `by` may give this role, and manage who has it."""
    if by is None or by.role == "owner":
        return
    if by.role != "admin":
        raise NotAllowed("Only admins may do that.")
    if role in ("admin", "owner"):
        raise NotAllowed(f"Only an owner may do that to an {role}.")


def require_another_owner(registry: Registry, account: Account) -> None:
    if registry.is_last_owner(account):
        raise NotAllowed(f"{account.name} is the only owner. Make somebody else owner first.")
