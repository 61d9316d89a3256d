"""The service worker at `/worker.js`: static/js/worker.js, with the version of all files before it.

It has to lie at the top, because a worker serves only what lies below it. When any file of the
page has changed, so has the version, and with it the worker: browsers then begin anew.
"""

import hashlib
from pathlib import Path

from flask import Blueprint, Response

from chatapp.files import STATIC, TEMPLATES

VERSION_DIGITS = 16


def add_worker(pages: Blueprint) -> None:
    source = (STATIC / "js" / "worker.js").read_text("utf-8")
    body = f'const VERSION = "{version_of(STATIC, TEMPLATES)}";\n{source}'

    @pages.get("/worker.js")
    def worker() -> Response:
        return Response(body, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


def version_of(*folders: Path) -> str:
    """Another one whenever a file in these folders is another one, or called otherwise."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(folder)}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:VERSION_DIGITS]
