"""A table of the directory, with the changes that are still on their way to the disk.

`get` is what is durable, and what counts. `latest` is what will be: a change that builds
on another one (the last use of an invite, a name that is taken) asks that.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from chatapp.pending import Pending

V = TypeVar("V")


class Directory(Protocol):
    """What managers need of the storage: small tables of values. Reads see what is durable."""

    def get(self, table: str, key: str, type: type[V]) -> V | None: ...
    def items(self, table: str, type: type[V]) -> Iterable[tuple[str, V]]: ...
    def put(self, table: str, key: str, value: Any) -> Pending[None]: ...
    def delete(self, table: str, key: str) -> Pending[None]: ...


class Table(Generic[V]):
    def __init__(self, directory: Directory, name: str, type: type[V]) -> None:
        self._directory = directory
        self._name = name
        self._type = type
        self._coming: dict[str, V | None] = {}

    def get(self, key: str) -> V | None:
        return self._directory.get(self._name, key, type=self._type)

    def latest(self, key: str) -> V | None:
        return self._coming[key] if key in self._coming else self.get(key)

    def items(self) -> Iterator[tuple[str, V]]:
        """What is durable, and what is on its way, in its latest form."""
        known = set()
        for key, value in self._directory.items(self._name, type=self._type):
            known.add(key)
            latest = self._coming.get(key, value)
            if latest is not None:
                yield key, latest
        for key, coming in list(self._coming.items()):
            if key not in known and coming is not None:
                yield key, coming

    def put(self, key: str, value: V) -> Pending[None]:
        return self._change(key, value, self._directory.put(self._name, key, value))

    def delete(self, key: str) -> Pending[None]:
        return self._change(key, None, self._directory.delete(self._name, key))

    def _change(self, key: str, value: V | None, written: Pending[None]) -> Pending[None]:
        self._coming[key] = value
        written.when_done(lambda _: self._arrived(key, value))
        return written

    def _arrived(self, key: str, value: V | None) -> None:
        """Written or refused; a later change of the same key is still on its way."""
        if key in self._coming and self._coming[key] is value:
            del self._coming[key]
