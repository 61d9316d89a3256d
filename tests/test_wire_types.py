"""static/js/wire.d.ts, by which the page's scripts are checked, says what chatapp/wire.py says."""

from typing import Literal

import msgspec

from tools.wire_types import FILE, declarations, interface


def test_the_types_of_the_page_are_those_of_the_server():
    assert FILE.read_text() == declarations(), "run python -m tools.wire_types"


def test_what_may_be_left_out_and_what_may_be_none_is_told_apart():
    class Sample(msgspec.Struct):
        room: str
        read: int | None = None
        level: Literal["all", "nothing"] = "all"

    assert interface(Sample, may_lack=True).splitlines()[1:-1] == [
        "  room: string;",
        "  read?: number;",
        '  level?: "all" | "nothing";',
    ]
    assert interface(Sample, may_lack=False).splitlines()[2] == "  read: number | null;"
