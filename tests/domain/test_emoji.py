"""What one emoji is, and its one spelling: here, and in the page."""

import json
import subprocess
from pathlib import Path

import pytest

from chatapp.domain.emoji import one_emoji
from chatapp.domain.errors import BadPayload, ChatError
from chatapp.domain.limits import checked_emoji, checked_name
from tools.node import find_node

ROOT = Path(__file__).parents[2]
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
SPELLINGS = {
    "❤": "❤\ufe0f",
    "❤\ufe0f": "❤\ufe0f",
    "❤\ufe0e": "❤\ufe0f",
    "👍": "👍",
    "👍\ufe0f": "👍",
    "👍🏽": "👍🏽",
    "☝": "☝\ufe0f",
    "☝🏽": "☝🏽",
    "☝\ufe0f🏽": "☝🏽",
    "1\u20e3": "1\ufe0f\u20e3",
    "🇩🇪": "🇩🇪",
    "🏳\u200d🌈": "🏳\ufe0f\u200d🌈",
    "👩\u200d❤\u200d👨": "👩\u200d❤\ufe0f\u200d👨",
    ENGLAND: ENGLAND,
}


@pytest.mark.parametrize(("typed", "kept"), SPELLINGS.items())
def test_an_emoji_has_one_spelling(typed: str, kept: str) -> None:
    assert checked_emoji(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *(":-)", "!!!", "+1", "+", "()" * 16, "❤\ufe0f❤\ufe0f❤\ufe0f", "a", "1", "<b>", " ", ""),
        *("\x1b", "\x07", "👍\x1b[2J", "👍\u202e", "👍\u200b", "\u200d", "\ufe0f", "🇩", "⏏🏽"),
        "🏴\U000e0061\U000e007f",
    ],
)
def test_what_is_not_one_emoji_is_no_reaction(typed: str) -> None:
    with pytest.raises(BadPayload):
        checked_emoji(typed)


def test_all_that_the_picker_offers_is_one_emoji() -> None:
    offered = json.loads((ROOT / "static/vendor/emoji-picker-element-data/data.json").read_text())
    emoji = [one["emoji"] for one in offered]
    emoji += [tone["emoji"] for one in offered for tone in one.get("skins", [])]

    assert len(emoji) > 3000
    assert [one for one in emoji if one_emoji(one) is None] == []


def test_the_page_spells_them_alike() -> None:
    module = (ROOT / "static/js/lib/messages/folding.js").as_uri()
    script = f"""
        const {{ spelled }} = await import({json.dumps(module)});
        console.log(JSON.stringify({json.dumps(list(SPELLINGS))}.map(spelled)));
    """

    done = subprocess.run(
        [*find_node().node, "--input-type=module", "-e", script],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == list(SPELLINGS.values())


@pytest.mark.parametrize("name", ["ana\ufe0f", "a\ufe0fna", "an\u034fa", "ana\U000e0101", "\ufe0f"])
def test_a_mark_that_does_not_show_makes_no_other_name(name: str) -> None:
    with pytest.raises(ChatError):
        checked_name(name)


@pytest.mark.parametrize(
    "name", ["❤\ufe0f ana", f"ana {ENGLAND}", "葛\U000e0100飾", "नमस्ते", "👍🏽"]
)
def test_marks_that_belong_to_a_sign_are_part_of_a_name(name: str) -> None:
    assert checked_name(name) == name
