"""What each server makes anew, though it is always the same: compressed files of the page, and
compiled templates. They cost more than a second of work, and the tests start hundreds of servers:
each takes what one before it has made.

https://jinja.palletsprojects.com/en/stable/api/#bytecode-cache
"""

import hashlib
import uuid
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

from chatapp.web import compression


def make_once(folder: Path) -> None:
    """From now on in this process. `folder` is shared with others, which may write there too."""
    make = compression._compress

    def compress(encoding: str, plain: bytes, quality: int) -> bytes:
        if quality != compression.FILE_QUALITY:
            return make(encoding, plain, quality)
        kept = folder / f"{hashlib.sha256(plain).hexdigest()}.{encoding}"
        if not kept.exists():
            unfinished = folder / uuid.uuid4().hex
            unfinished.write_bytes(make(encoding, plain, quality))
            unfinished.replace(kept)
        return kept.read_bytes()

    compression._compress = compress
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}
