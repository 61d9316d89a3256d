"""What is a mention, a link and code; tests/js/tokens.test.js holds the page to it."""

import json
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from chatapp.domain.limits import MAX_TEXT_BYTES, name_key
from chatapp.text.tokens import MAX_SIGNS, Names, mentioned_keys, spans
from tools.node import find_node

EXAMPLES = json.loads(Path(__file__).with_name("tokens.json").read_text("utf-8"))
NAMES = Names(EXAMPLES["names"])
NAMES_JS = Path(__file__).parents[2] / "static/js/lib/text/names.js"


@pytest.mark.parametrize("text", EXAMPLES["texts"])
def test_a_text_has_the_tokens_that_its_readers_see(text: str):
    found = [
        [kind, text[start:end], *filter(None, [value])]
        for start, end, kind, value in spans(text, NAMES)
    ]

    only_on_the_page = ("text", "room")
    assert found == [each for each in EXAMPLES["texts"][text] if each[0] not in only_on_the_page]


def test_names_that_are_known_elsewhere_are_longer_too():
    both = Names(["Ada"], Names(["Ada Lovelace"]))

    assert mentioned_keys("@Ada Lovelace, @Ada", both) == {"ada lovelace", "ada"}
    assert mentioned_keys("@Ada Lovelace", Names(["Ada"])) == {"ada"}


def test_a_text_full_of_signs_calls_only_the_first():
    assert len(mentioned_keys(" ".join(f"@name{i}" for i in range(5 * MAX_SIGNS)))) == MAX_SIGNS


HOSTILE: list[Callable[[int], str]] = [
    *(
        (lambda count, piece=piece: piece * (count // len(piece)))
        for piece in (
            *("@", "@a@", "@é", "a@a.", "@a-", "_", "_@", "#a-", "#部", "\\", "\\@"),
            *("www.", "www.a/", "www.a-", "http://(", "http://a(", "{http://a}", "https://a)"),
            *(
                "`",
                "``` ",
                "`a``b```c",
                "\\`",
                "[",
                "]",
                "[](",
                "[a](b ",
                "](http://a",
                "[`](http://a)",
            ),
            *("> ", "- ", "1. ", "\t", "\n", "\n    x", "\n```\n", "\n> ```\n", " "),
        )
    ),
    lambda count: "https://x.example/" + ")" * count,
    lambda count: "[" * (count // 2) + "](http://a)" * (count // 22),
]


@pytest.mark.parametrize("make", HOSTILE)
def test_no_text_takes_time_that_grows_faster_than_it_does(make: Callable[[int], str]):
    """Steps are counted, not seconds: each line of the module that runs is one."""
    size = MAX_TEXT_BYTES // 8

    once, four_times = (steps(make(count) + " `@all`") for count in (size, 4 * size))

    assert four_times < 6 * once + 2_000


def steps(text: str) -> int:
    count = 0

    def trace(*_: object) -> Callable[..., object]:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        mentioned_keys(text, NAMES)
    finally:
        sys.settrace(before)
    return count


def test_the_page_compares_names_as_the_server_does():
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    known = [c for c in every if unicodedata.category(c) not in ("Cn", "Co")]
    texts = [*known, "Straße", "ΑΣ ΟΔΥΣΣΕΥΣ", "İstanbul ıI", "ﬁ①", "e\u0301", "각"]
    script = (
        f'import {{ nameKey }} from "{NAMES_JS.as_uri()}";'
        'import { readFileSync } from "node:fs";'
        'const texts = JSON.parse(readFileSync(0, "utf-8"));'
        "process.stdout.write(JSON.stringify(texts.map(nameKey)));"
    )
    answer = subprocess.run(
        [*find_node().node, "--input-type=module", "-e", script],
        input=json.dumps(texts),
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )

    theirs = dict(zip(texts, json.loads(answer.stdout), strict=True))
    assert {text: key for text, key in theirs.items() if key != name_key(text)} == {}
