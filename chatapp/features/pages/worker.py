"""The service worker at `/worker.js`: static/js/worker.js, prefixed with the version of all files.

It has to be at the root, because a worker only serves paths below its own. When any file of the
page changes, the version and thus the worker change, and browsers install the new one.
"""

import hashlib
from pathlib import Path

from flask import Blueprint, Response

from chatapp.resources import STATIC, TEMPLATES
from chatapp.web.file_answers import text_file

VERSION_DIGITS = 16


def add_worker(pages: Blueprint) -> None:
    source = (STATIC / "js" / "worker.js").read_text("utf-8")
    body = f'const VERSION = "{version_of(STATIC, TEMPLATES)}";\n{source}'.encode()

    @pages.get("/worker.js")
    def worker() -> Response:
        return text_file(body, "text/javascript")


def version_of(*folders: Path) -> str:
    """A digest that changes whenever a file in these folders changes or is renamed."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:VERSION_DIGITS]
