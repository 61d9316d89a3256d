"""Other people's text, made harmless for a terminal.

A terminal obeys what is written to it: an escape sequence in a message could rewrite the lines
above it, retitle the window, or type for its reader; a mark that turns the direction of writing
could show a text that was never sent. So nothing that commands reaches the screen. It is shown
instead: `␛` for ESC, `<U+202E>` for what has no picture.
"""

import unicodedata

TAB = " " * 4
_JOINERS = "\u200c\u200d"
"""Persian words and emoji families are written with them."""
_COMMANDING = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp"])


def visible(text: str) -> str:
    """The text on one line, with all that is not text made visible."""
    return "".join(map(_shown, text.replace("\r\n", "\n")))


def visible_lines(text: str) -> list[str]:
    """The same in the lines that its writer broke it into."""
    return [visible(line) for line in text.replace("\r\n", "\n").split("\n")]


def harmless_json(line: str) -> str:
    """JSON that says the same, with all escaped that a terminal could obey, U+009B for one."""
    return "".join(_escaped(character) if _commands(character) else character for character in line)


def _shown(character: str) -> str:
    if character == "\t":
        return TAB
    if not _commands(character):
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


def _commands(character: str) -> bool:
    return unicodedata.category(character) in _COMMANDING and character not in _JOINERS


def _escaped(character: str) -> str:
    return "".join(
        f"\\u{unit:04x}"
        for unit in memoryview(character.encode("utf-16-le", "surrogatepass")).cast("H")
    )
