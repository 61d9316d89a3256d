"""The stored webhooks."""

from collections.abc import Iterator

from chatapp.domain.errors import NotFound
from chatapp.features.incoming_webhooks.model import TABLE, IncomingHook
from chatapp.tables.table import Table, TableStore

ID_CHARACTERS = 12


class IncomingHookRows:
    """`table` has a webhook by its key; people name it by the beginning of that, its id."""

    def __init__(self, store: TableStore) -> None:
        self.table: Table[IncomingHook] = store.table(TABLE, IncomingHook)

    def __len__(self) -> int:
        return len(self.table)

    def all(self) -> list[tuple[str, IncomingHook]]:
        """All webhooks with their ids, the newest first."""
        hooks = [(id_of(key), hook) for key, hook in self.table.items()]
        return sorted(hooks, key=lambda one: (one[1].created_at, one[0]), reverse=True)

    def named(self, id: str) -> tuple[str, IncomingHook]:
        """The webhook with this id, with its key; raises `NotFound`."""
        for key, hook in self.table.items():
            if id_of(key) == id:
                return key, hook
        raise NotFound(f"There is no webhook {id[:60]!r}.")

    def of(self, account: str) -> Iterator[str]:
        """The keys of the webhooks that post as the account with this id."""
        return (key for key, hook in list(self.table.items()) if hook.account == account)

    def forget(self, account: str) -> None:
        """The account was removed, and its webhooks with it."""
        for key in self.of(account):
            self.table.delete(key)


def id_of(key: str) -> str:
    return key[:ID_CHARACTERS]
