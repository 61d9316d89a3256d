"""Reads payloads of any shape: nothing in one raises an error, and what is not shown is named.

A payload was decoded from JSON, and could be anything. A `PayloadPart` is an object in it. Whatever
a converter does not take of a part, or finds in another form than it expects, is unknown; the
sender is told of it by its path, such as `blocks[2].accessory`.
"""

from collections.abc import Iterator

import msgspec

from chatapp.domain.visible import visible

MAX_UNKNOWN = 20
"""How many unknown parts are named."""
MAX_PATH_CHARACTERS = 120


class Unknown:
    """The unknown parts of one payload, in the order in which they were found."""

    def __init__(self) -> None:
        self._names: dict[str, None] = {}
        self._more = 0

    def add(self, name: str) -> None:
        if len(self._names) < MAX_UNKNOWN:
            self._names[visible(name[:MAX_PATH_CHARACTERS])] = None
        elif name not in self._names:
            self._more += 1

    @property
    def names(self) -> list[str]:
        return [*self._names, *([f"and {self._more} more"] if self._more else [])]


class PayloadPart:
    """An object in a payload; empty if there is none. A null counts as nothing."""

    def __init__(self, value: object, path: str, unknown: Unknown) -> None:
        self.path = path
        self.unknown = unknown
        self._values: dict[str, object] = {}
        self._taken: set[str] = set()
        if isinstance(value, dict):
            self._values = {str(name): each for name, each in value.items() if each is not None}
        elif value is not None:
            unknown.add(path)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    # Values

    def text(self, name: str) -> str:
        """A string, or a number as one; empty if there is none."""
        value = self._take(name)
        if isinstance(value, str):
            return value
        if isinstance(value, int | float):
            return msgspec.json.encode(value).decode()
        self._require_none(name, value)
        return ""

    def number(self, name: str) -> int | None:
        """A whole number, or a string of one's digits."""
        value = self._take(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._require_none(name, value)
        return None

    def flag(self, name: str, otherwise: bool = False) -> bool:
        value = self._take(name)
        if isinstance(value, bool):
            return value
        self._require_none(name, value)
        return otherwise

    def part(self, name: str) -> "PayloadPart":
        return PayloadPart(self._take(name), self.path_of(name), self.unknown)

    def parts(self, name: str, most: int) -> list["PayloadPart"]:
        """The objects of a list, up to `most`."""
        return [PayloadPart(value, path, self.unknown) for path, value in self._items(name, most)]

    def texts(self, name: str, most: int) -> list[str]:
        """The strings of a list, up to `most`."""
        found = []
        for path, value in self._items(name, most):
            if isinstance(value, str):
                found.append(value)
            else:
                self.unknown.add(path)
        return found

    def pairs(self, name: str) -> dict[str, str]:
        """An object whose values are strings, such as labels."""
        labels = self.part(name)
        return {each: labels.text(each) for each in labels._values}

    def _items(self, name: str, most: int) -> Iterator[tuple[str, object]]:
        value = self._take(name)
        if not isinstance(value, list):
            self._require_none(name, value)
            return
        for index, each in enumerate(value[:most]):
            yield f"{self.path_of(name)}[{index}]", each
        if len(value) > most:
            self.unknown.add(f"{self.path_of(name)}[{most}] to [{len(value) - 1}]")

    # What is left

    def skip(self, *names: str) -> None:
        """These are known, and change nothing here."""
        self._taken.update(names)

    def name_rest(self) -> None:
        """Whatever was not taken is unknown."""
        for name in self._values:
            if name not in self._taken:
                self.unknown.add(self.path_of(name))

    def path_of(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _take(self, name: str) -> object:
        self._taken.add(name)
        return self._values.get(name)

    def _require_none(self, name: str, value: object) -> None:
        if value is not None:
            self.unknown.add(self.path_of(name))
