"""Recognizes a single emoji and normalizes its spelling; and what a chat knows of its own emoji.

Unicode allows several spellings of one emoji: a heart with or without the variation selector that
asks for the coloured picture. Here each emoji has one spelling, the "fully qualified" form of
UTS 51, https://www.unicode.org/reports/tr51/: U+FE0F is present exactly where the emoji needs it.
So a reaction is counted once, however it was typed.

The ranges are from Unicode 17, generated with the property classes of JavaScript's regular
expressions, and include code points that Unicode reserves for future emoji.

A chat's own emoji are pictures with names. In texts and reactions they are written `:name:`, and
that is what the log has, whatever becomes of the picture.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

import msgspec

from chatapp.domain.structs import prepare
from chatapp.domain.visible import FLAG_TAGS

EMOJI_TABLE = "emoji"

_SHOWN_AS_TEXT = """
a9 ae 203c 2049 2122 2139 2194-2199 21a9-21aa 2328 23cf 23ed-23ef 23f1-23f2 23f8-23fa 24c2
25aa-25ab 25b6 25c0 25fb-25fc 2600-2604 260e 2611 2618 261d 2620 2622-2623 2626 262a
262e-262f 2638-263a 2640 2642 265f-2660 2663 2665-2666 2668 267b 267e 2692 2694-2697 2699
269b-269c 26a0 26a7 26b0-26b1 26c8 26cf 26d1 26d3 26e9 26f0-26f1 26f4 26f7-26f9 2702
2708-2709 270c-270d 270f 2712 2714 2716 271d 2721 2733-2734 2744 2747 2763-2764 27a1
2934-2935 2b05-2b07 3030 303d 3297 3299 1f170-1f171 1f17e-1f17f 1f202 1f237 1f321
1f324-1f32c 1f336 1f37d 1f396-1f397 1f399-1f39b 1f39e-1f39f 1f3cb-1f3ce 1f3d4-1f3df 1f3f3
1f3f5 1f3f7 1f43f 1f441 1f4fd 1f549-1f54a 1f56f-1f570 1f573-1f579 1f587 1f58a-1f58d 1f590
1f5a5 1f5a8 1f5b1-1f5b2 1f5bc 1f5c2-1f5c4 1f5d1-1f5d3 1f5dc-1f5de 1f5e1 1f5e3 1f5e8 1f5ef
1f5f3 1f5fa 1f6cb 1f6cd-1f6cf 1f6e0-1f6e5 1f6e9 1f6f0 1f6f3
"""
"""Shown as emoji only when U+FE0F follows: `Emoji` without `Emoji_Presentation`."""
_SHOWN_AS_PICTURE = """
231a-231b 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2648-2653 267f 2693 26a1 26aa-26ab
26bd-26be 26c4-26c5 26ce 26d4 26ea 26f2-26f3 26f5 26fa 26fd 2705 270a-270b 2728 274c 274e
2753-2755 2757 2795-2797 27b0 27bf 2b1b-2b1c 2b50 2b55 1f004 1f02c-1f02f 1f094-1f09f
1f0af-1f0b0 1f0c0 1f0cf-1f0d0 1f0f6-1f0ff 1f18e 1f191-1f19a 1f1ae-1f1e5 1f201 1f203-1f20f
1f21a 1f22f 1f232-1f236 1f238-1f23a 1f23c-1f23f 1f249-1f25f 1f266-1f320 1f32d-1f335
1f337-1f37c 1f37e-1f393 1f3a0-1f3ca 1f3cf-1f3d3 1f3e0-1f3f0 1f3f4 1f3f8-1f3fa 1f400-1f43e
1f440 1f442-1f4fc 1f4ff-1f53d 1f54b-1f54e 1f550-1f567 1f57a 1f595-1f596 1f5a4 1f5fb-1f64f
1f680-1f6c5 1f6cc 1f6d0-1f6d2 1f6d5-1f6df 1f6eb-1f6ef 1f6f4-1f6ff 1f7da-1f7ff 1f80c-1f80f
1f848-1f84f 1f85a-1f85f 1f888-1f88f 1f8ae-1f8af 1f8bc-1f8bf 1f8c2-1f8cf 1f8d9-1f8ff
1f90c-1f93a 1f93c-1f945 1f947-1f9ff 1fa58-1fa5f 1fa6e-1faff 1fc00-1fffd
"""
"""`Emoji_Presentation`, and the rest of `Extended_Pictographic`."""
_TAKES_TONE = """
261d 26f9 270a-270d 1f385 1f3c2-1f3c4 1f3c7 1f3ca-1f3cc 1f442-1f443 1f446-1f450 1f466-1f478 1f47c
1f481-1f483 1f485-1f487 1f48f 1f491 1f4aa 1f574-1f575 1f57a 1f590 1f595-1f596 1f645-1f647
1f64b-1f64f 1f6a3 1f6b4-1f6b6 1f6c0 1f6cc 1f90c 1f90f 1f918-1f91f 1f926 1f930-1f939 1f93c-1f93e
1f977 1f9b5-1f9b6 1f9b8-1f9b9 1f9bb 1f9cd-1f9cf 1f9d1-1f9dd 1fac3-1fac5 1faf0-1faf8
"""
"""`Emoji_Modifier_Base`: hands and people, which can be followed by a skin tone."""
_REGIONAL = "[\U0001f1e6-\U0001f1ff]"
_TONES = "[\U0001f3fb-\U0001f3ff]"
_BLACK_FLAG = "\U0001f3f4"


def _characters(ranges: str) -> str:
    """The ranges as the inside of a regular expression's character class."""
    bounds = (each.split("-") for each in ranges.split())
    return "".join(
        f"\\U{int(low, 16):08x}-\\U{int(high[-1] if high else low, 16):08x}"
        for low, *high in bounds
    )


_PICTURE = f"[{_characters(_SHOWN_AS_PICTURE)}]"
_TEXT = f"[{_characters(_SHOWN_AS_TEXT)}]"
_PERSON = f"[{_characters(_TAKES_TONE)}]"
_ELEMENT = f"(?:{_PERSON}\ufe0f?{_TONES}|(?:{_TEXT}|{_PICTURE})[\ufe0e\ufe0f]?)"
_STYLED = re.compile("[\ufe0e\ufe0f]")
_OWN = re.compile(r":([a-z0-9_+-]{2,32}):")
"""static/js/lib/text/tokens.js has the same."""


class OwnEmoji(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of the table `emoji`, by its name, and another one by each of its `aliases`, which only
    has the name: as `name`.

    `sha256`, `bytes`, `width` and `height` are those of the picture, a WebP; `by` is the id of who
    added it, and `sender` their name; None: the command line.
    """

    name: str
    aliases: list[str] = []
    sha256: str = ""
    bytes: int = 0
    width: int = 0
    height: int = 0
    animated: bool = False
    by: str | None = None
    sender: str | None = None
    at: str = ""

    @property
    def is_alias(self) -> bool:
        return not self.sha256


prepare([OwnEmoji])


def own_name(text: str) -> str | None:
    """The name, if the text is exactly `:name:`."""
    found = _OWN.fullmatch(text)
    return found[1] if found else None


def own_names_in(text: str) -> Iterator[str]:
    """All that could be names of a chat's own emoji."""
    at = 0
    while found := _OWN.search(text, at):
        yield found[1]
        at = found.end() - 1  # the colon may be the first one of the next


def one_emoji(text: str) -> str | None:
    """The normalized emoji, if the text is exactly one emoji; else None."""
    if not _emoji().fullmatch(text):
        return None
    return _needs_style().sub("\\1\ufe0f", _STYLED.sub("", text))


@lru_cache(maxsize=4096)
def same_emoji(text: str) -> str:
    """The key under which a reaction is counted. Older versions accepted any spelling, and texts
    that are not emoji."""
    return one_emoji(text) or text


@cache
def _emoji() -> re.Pattern[str]:
    """Compiled on first use: it takes longer than the rest of a short command's start."""
    return re.compile(
        f"{_REGIONAL}{{2}}|{_BLACK_FLAG}{FLAG_TAGS.pattern}|[0-9#*]\ufe0f?\u20e3"
        f"|{_TONES}|{_ELEMENT}(?:\u200d{_ELEMENT})*"
    )


@cache
def _needs_style() -> re.Pattern[str]:
    return re.compile(f"({_TEXT}(?!{_TONES})|^[0-9#*](?=\u20e3))")
