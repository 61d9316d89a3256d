"""The scripts of a page in one file: `/static/js/joined/chat.js` is chat.js and what it imports.

They are native modules, and are served as such too; but a page has eighty of them, most of a
kilobyte, and a request and its headers for each would weigh more than what is in them. So they
are put one behind the other, each in a function of its own, which returns what the module
exports; an import becomes a `const`. Nothing is built and nothing is kept on disk: what lies in
static/js is what runs, a file that has changed is read again.

That works because our modules are plain: they import and export by name, no two import each
other (the linter sees to it), and what they export does not change. Anything else is an error
here. What is not ours is imported from where it is.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, Response, abort, request

from chatapp.files import STATIC
from chatapp.web.compression import without_comments

SCRIPTS = STATIC / "js"
JOINED = SCRIPTS / "joined"
"""Where the file would lie: as deep as the modules, so that what they load is where they think."""

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
_OTHER = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)


class NotPlain(ValueError):
    """A module that imports or exports in a way that cannot be joined."""


@dataclass(frozen=True)
class Module:
    """A module without its imports: what it needs of whom, what it says, and what it exports."""

    imports: list[tuple[str, Path]]
    body: str
    exports: list[str]

    @classmethod
    def read(cls, path: Path) -> "Module":
        source = without_comments(path.read_bytes()).decode()
        imports = [
            (names or "", Path(os.path.normpath(path.parent / file)))
            for names, file in _IMPORT.findall(source)
        ]
        body = _EXPORT.sub(r"\1", _IMPORT.sub("", source))
        if other := _OTHER.search(body):
            raise NotPlain(f"{path.name}: {other.group()}")
        return cls(imports, body, [name for _, name in _EXPORT.findall(source)])


@dataclass
class Joiner:
    """Joins modules, and remembers those that have not changed."""

    _read: dict[Path, tuple[int, Module]] = field(default_factory=dict)

    def join(self, entry: Path) -> str:
        ours: dict[Path, str] = {}
        theirs: dict[Path, str] = {}
        said = [self._wrapped(path, ours, theirs) for path in self._in_order(entry, set())]
        foreign = [
            f'import * as {name} from "{os.path.relpath(path, JOINED)}";\n'
            for path, name in theirs.items()
        ]
        return "".join([*foreign, *said])

    def _in_order(self, path: Path, known: set[Path]) -> Iterator[Path]:
        """Each module once, after those that it needs."""
        known.add(path)
        for _, needed in self._module(path).imports:
            if needed not in known and _is_ours(needed):
                yield from self._in_order(needed, known)
        yield path

    def _wrapped(self, path: Path, ours: dict[Path, str], theirs: dict[Path, str]) -> str:
        module = self._module(path)
        lines = []
        for names, needed in module.imports:
            if not _is_ours(needed):
                theirs.setdefault(needed, f"$theirs{len(theirs)}")
            elif needed not in ours:
                raise NotPlain(f"{path.name} and {needed.name} import each other")
            if names:
                source = ours.get(needed) or theirs[needed]
                lines.append(f"const {{{names.replace(' as ', ': ')}}} = {source};\n")
        ours[path] = f"${len(ours)}"
        exported = ", ".join(module.exports)
        return (
            f"// {path.relative_to(SCRIPTS)}\nconst {ours[path]} = (() => {{\n"
            f"{''.join(lines)}{module.body}return {{ {exported} }};\n}})();\n"
        )

    def _module(self, path: Path) -> Module:
        changed = path.stat().st_mtime_ns
        if path not in self._read or self._read[path][0] != changed:
            self._read[path] = (changed, Module.read(path))
        return self._read[path][1]


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(SCRIPTS)


def join_modules(app: Flask) -> None:
    joiner = Joiner()

    @app.get("/static/js/joined/<name>.js")
    def modules(name: str) -> Response:
        entry = SCRIPTS / f"{name}.js"
        if not re.fullmatch("[a-z]{1,40}", name) or not entry.is_file():
            abort(404)
        joined = joiner.join(entry).encode()
        headers = {"Cache-Control": "no-cache"}
        answer = Response(joined, mimetype="text/javascript", headers=headers)
        answer.set_etag(hashlib.sha256(joined).hexdigest()[:16])
        return answer.make_conditional(request.environ)  # type: ignore[return-value]
