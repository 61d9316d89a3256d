"""What kind of thing a file is, and how much place it takes in a message: same as in
static/js/lib/files/files.js, so that nothing moves when the script draws it."""

import re
from typing import Literal
from urllib.parse import quote

from flask import Blueprint

from chatapp.domain.model import FileInfo

Kind = Literal["picture", "video", "audio", "page", "text", "other"]

_PICTURES = frozenset(["image/png", "image/jpeg", "image/gif", "image/webp"])
_TEXTS = frozenset(
    f"application/{kind}" for kind in ("json", "xml", "javascript", "x-sh", "toml", "yaml")
)
_ALONE_WIDTH_PX, _ALONE_HEIGHT_PX = 416, 320
_TOGETHER_HEIGHT_PX, _LEAST_PX, _MOST_PX = 144, 88, 240
_ENDING = re.compile(r"[^.]\.(\w{1,5})$")


def kind_of(file: FileInfo) -> Kind:
    if file.removed:
        return "other"
    if file.type in _PICTURES:
        return "picture" if file.width else "other"
    main = file.type.partition("/")[0]
    if main == "video":
        return "video"
    if main == "audio":
        return "audio"
    if file.type == "application/pdf":
        return "page"
    return "text" if main == "text" or file.type in _TEXTS else "other"


def place_of(file: FileInfo, is_alone: bool) -> tuple[int, int]:
    """Width and height of a picture in CSS pixels."""
    width, height = file.width or 1, file.height or 1
    if not is_alone:
        fitting = _rounded(width * _TOGETHER_HEIGHT_PX / height)
        return min(max(fitting, _LEAST_PX), _MOST_PX), _TOGETHER_HEIGHT_PX
    scale = min(1, _ALONE_WIDTH_PX / width, _ALONE_HEIGHT_PX / height)
    return max(1, _rounded(width * scale)), max(1, _rounded(height * scale))


def add_file_filters(pages: Blueprint) -> None:
    """For templates/_files.html."""
    pages.add_app_template_test(lambda file: kind_of(file) == "picture", "picture")
    pages.add_app_template_filter(kind_of, "file_kind")
    pages.add_app_template_filter(place_of, "file_place")
    pages.add_app_template_filter(url_of, "file_url")
    pages.add_app_template_filter(ending_of, "file_ending")
    pages.add_app_template_filter(in_short, "files_in_short")


def url_of(file: FileInfo) -> str:
    return f"/files/{file.id}/{quote(file.name, safe='')}"


def in_short(files: list[FileInfo] | None) -> str:
    """What stands for files where there is no place for them: their names."""
    names = [file.name for file in files or () if not file.removed]
    return f"📎 {', '.join(names)}" if names else ""


def ending_of(name: str) -> str:
    found = _ENDING.search(name)
    return found[1].upper() if found else ""


def _rounded(number: float) -> int:
    """Halves up, as in JavaScript."""
    return int(number + 0.5)
