"""Reads one large JSON object that has arrays of rows in it, or one array, without reading it as a
whole.

    {"channel": {…}, "messages": [{…}, {…}, …], "messageCount": 2}

The text is read in parts. A value that goes on in the next part is decoded again with it.
"""

import codecs
import json
from collections.abc import Iterator
from typing import Any, Protocol

from chatapp.transfer.sources.archives import DamagedMember

PART_BYTES = 1 << 20
MAX_VALUE_CHARACTERS = 32 << 20
_SPACE = " \t\r\n"

_decode = json.JSONDecoder().raw_decode


class Readable(Protocol):
    """What has some bytes at each reading, and none at the end."""

    def read(self, size: int, /) -> bytes: ...


class JsonStream:
    """Raises `DamagedMember` for what is no JSON object."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._utf_8 = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._text = ""
        self._at = 0
        self._is_over = False
        self._read = 0

    def head(self, array: str) -> dict[str, Any]:
        """The fields before an array; `items` are its elements then."""
        fields: dict[str, Any] = {}
        for name in self._names():
            if name == array:
                self._expect("[")
                return fields
            fields[name] = self._value()
        raise DamagedMember(f"it has no {array!r}")

    def elements(self, array: str) -> Iterator[tuple[Any, int]]:
        """Those of one array, as in `items`."""
        self.head(array)
        yield from self.items()

    def array(self) -> Iterator[tuple[Any, int]]:
        """The elements of what is one array, as in `items`."""
        self._expect("[")
        yield from self.items()

    def rows(self) -> Iterator[tuple[str, Any, int]]:
        """The elements of all arrays, each with the name of its array, as in `items`."""
        for name in self._names():
            if self._next() != "[":
                self._value()
                continue
            self._at += 1
            yield from ((name, value, size) for value, size in self.items())

    def items(self) -> Iterator[tuple[Any, int]]:
        """Each element, and how many bytes were read since the one before."""
        told = self._read
        while self._next() != "]":
            yield self._value(), self._read - told
            told = self._read
            self._expect_end_or_comma("]")
        self._at += 1

    def _names(self) -> Iterator[str]:
        """The names of the object's fields. Whoever iterates takes the value of each."""
        self._expect("{")
        while self._next() != "}":
            name = str(self._value())
            self._expect(":")
            yield name
            self._expect_end_or_comma("}")

    def _expect_end_or_comma(self, end: str) -> None:
        if self._next() == ",":
            self._at += 1
        elif self._next() != end:
            raise DamagedMember("it is no valid JSON")

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = _decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._more():
                    raise DamagedMember(f"it is no valid JSON ({str(error)[:60]})") from None
                continue
            if end == len(self._text) and self._more():
                continue  # A number may go on.
            self._at = end
            return value

    def _next(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _expect(self, sign: str) -> None:
        if self._next() != sign:
            raise DamagedMember(f"it has no {sign} where one must be")
        self._at += 1

    def _more(self) -> bool:
        """Read on; False at the end of the file."""
        if self._is_over:
            return False
        rest = self._text[self._at :]
        if len(rest) > MAX_VALUE_CHARACTERS:
            raise DamagedMember("a value is too long")
        part = self._file.read(max(PART_BYTES, len(rest)))  # A long value is not decoded often.
        self._read += len(part)
        self._is_over = not part
        self._text = rest + self._utf_8.decode(part, final=not part)
        self._at = 0
        return not self._is_over
