"""What each server makes anew, though it is always the same: compressed files of the page, joined
scripts, and compiled templates. They cost more than a second of work, and the tests start hundreds
of servers: each takes what one before it has made.

https://jinja.palletsprojects.com/en/stable/api/#bytecode-cache
"""

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from chatapp.web import compression
from chatapp.web.modules import SCRIPTS, Joiner


def make_once(folder: Path) -> None:
    """From now on in this process. `folder` is shared with others, which may write there too."""
    make = compression._compress

    def compress(encoding: str, plain: bytes, quality: int) -> bytes:
        if quality != compression.FILE_QUALITY:
            return make(encoding, plain, quality)
        kept = f"{hashlib.sha256(plain).hexdigest()}.{encoding}"
        return _kept(folder / kept, lambda: make(encoding, plain, quality))

    compression._compress = compress
    join = Joiner.join

    def join_once(
        joiner: Joiner, entry: Path, *, base: Path | None = None, continued_by: Iterable[Path] = ()
    ) -> str:
        def joined() -> bytes:
            return join(joiner, entry, base=base, continued_by=continued_by).encode()

        return _kept(folder / f"{_scripts_now()}.{entry.name}", joined).decode()

    Joiner.join = join_once  # type: ignore[method-assign,assignment]
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}


def _kept(file: Path, make: Callable[[], bytes]) -> bytes:
    if not file.exists():
        unfinished = file.with_name(uuid.uuid4().hex)
        unfinished.write_bytes(make())
        unfinished.replace(file)
    return file.read_bytes()


@cache
def _scripts_now() -> str:
    """Another name when any script has changed."""
    stats = (
        (entry.path, entry.stat().st_mtime_ns, entry.stat().st_size)
        for folder, _, _ in os.walk(SCRIPTS)
        for entry in os.scandir(folder)
        if entry.is_file()
    )
    return hashlib.sha256(repr(sorted(stats)).encode()).hexdigest()
