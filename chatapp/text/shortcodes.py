"""The shortcodes of the standard emoji, such as `fire` of 🔥, as people of many chats type them."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import msgspec

from chatapp.domain.emoji import same_emoji
from chatapp.domain.structs import prepare
from chatapp.resources import STATIC

_DATA = STATIC / "vendor" / "emoji-picker-element-data" / "data.json"
_TONES = {f"skin-tone-{number}": number - 1 for number in range(2, 7)}
"""The names of skin tones in Slack and Mattermost begin with 2, as the Fitzpatrick scale does."""
_ELSEWHERE = {
    "simple_smile": "slightly_smiling_face",
    "face_with_rolling_eyes": "roll_eyes",
    "hugging_face": "hugs",
    "rain_cloud": "cloud_with_rain",
    "large_green_circle": "green_circle",
    "large_yellow_circle": "yellow_circle",
    "face_palm": "facepalm",
}
"""Names that other chats use, where the data has another one. `_names_elsewhere` has rules."""
_FLAG = re.compile(r"flag-([a-z])([a-z])")
_REGIONAL_A = 0x1F1E6


class _Skin(msgspec.Struct, frozen=True):
    emoji: str
    tone: int | list[int] = 0


class _Standard(msgspec.Struct, frozen=True):
    emoji: str
    shortcodes: list[str] = []
    skins: list[_Skin] = []


prepare([_Standard])


@cache
def standard_emoji() -> dict[str, str]:
    """The emoji of each shortcode, with skin tones as `wave::skin-tone-3`. Takes some milliseconds
    at the first call. Empty in a checkout without the packages of the page."""
    if not _DATA.is_file():
        return {}
    tones = {tone: name for name, tone in _TONES.items()}
    emoji: dict[str, str] = {}
    for each in msgspec.json.decode(_DATA.read_bytes(), type=list[_Standard]):
        for name in each.shortcodes:
            emoji[name] = each.emoji
            for skin in each.skins:
                if isinstance(skin.tone, int) and skin.tone in tones:
                    emoji[f"{name}::{tones[skin.tone]}"] = skin.emoji
    return emoji


@lru_cache(4096)
def emoji_called(name: str) -> str | None:
    """The emoji with this shortcode, in this chat or another one; None if it is no standard one."""
    known = standard_emoji()
    if flag := _FLAG.fullmatch(name):
        return "".join(chr(_REGIONAL_A + ord(letter) - ord("a")) for letter in flag.groups())
    return next((known[called] for called in _names_elsewhere(name) if called in known), None)


@cache
def _shortcodes() -> dict[str, str]:
    names: dict[str, str] = {}
    for name, emoji in standard_emoji().items():
        names.setdefault(same_emoji(emoji), name)
    return names


def shortcode_of(emoji: str) -> str | None:
    """The first name of a standard emoji, such as `wave::skin-tone-3`; None if it has none."""
    return _shortcodes().get(same_emoji(emoji))


def _names_elsewhere(name: str) -> Iterator[str]:
    """Other spellings, the likeliest first; a skin tone that there is none of is left out."""
    bare, _, tone = name.partition("::")
    other = _ELSEWHERE.get(bare, bare)
    spellings = (other, other.replace("-", "_"), other.removesuffix("_face"))
    if tone:
        yield from (f"{spelling}::{tone}" for spelling in spellings)
    yield from spellings
