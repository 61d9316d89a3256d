"""static/js/wire.d.ts, the types of the page's scripts, agrees with chatapp/protocol/."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from chatapp.protocol.requests import Payload
from tools.wire_types import FILE, declarations, interface


def test_the_types_of_the_page_are_those_of_the_server():
    assert FILE.read_text() == declarations(), "run python -m tools.wire_types"


def test_what_may_be_left_out_and_what_may_be_none_is_told_apart():
    class Asked(Payload):
        room: str
        read: int | None = None
        level: Literal["all", "nothing"] = "all"

    class Told(msgspec.Struct):
        read: int | None = None
        found: int | UnsetType | None = UNSET

    assert interface(Asked).splitlines()[1:-1] == [
        "  room: string;",
        "  read?: number;",
        '  level?: "all" | "nothing";',
    ]
    assert interface(Told).splitlines()[1:-1] == [
        "  read: number | null;",
        "  found?: number | null;",
    ]
