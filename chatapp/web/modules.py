"""The scripts of a page in one file: `/static/js/joined/chat.js` is chat.js and what it imports.
`later.js` and `files.js`, which that page loads when it needs them, are joined without what is in
chat.js already: they import the exports of those modules from there. What the entry itself exports,
the joined file exports too. No other module may be in both.

They are native modules and are also served one by one; but a page has eighty of them, most about a
kilobyte, and a request with headers for each would weigh more than its content. So they are
concatenated, each in a function that returns the module's exports. Every later module sees these
exports, so imports are left out. There is no build step and nothing is stored on disk: static/js
is what runs, and a changed file is read again.

This works because our modules are simple: they import and export by name and without `as`, have no
cycles (the linter checks that), never export the same name, do not change their exports, and have
no strings over several lines, since indentation is removed. Anything else raises an error here; the
tests check that no export has the name of a browser global. Third-party modules are imported as
usual.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from flask import Flask, Response, abort

from chatapp.resources import STATIC
from chatapp.web.compression import without_breaks, without_layout
from chatapp.web.file_answers import text_file

SCRIPTS = STATIC / "js"
JOINED = SCRIPTS / "joined"
"""Where the joined files are, for their relative paths."""

CHAT, LATER, FILES = SCRIPTS / "chat.js", SCRIPTS / "later.js", SCRIPTS / "files.js"
ON_TOP = (LATER, FILES)
"""What is joined on top of chat.js."""

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"([^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
_ADDRESS = re.compile(r'"(\.\.?/[^"]+)"')
"""What a module loads, when it needs it: relative to the module."""
_OTHER = re.compile(r"^(?:import\b(?!\()|export\b).*", re.MULTILINE)


class UnsupportedModule(ValueError):
    """A module that imports or exports in a way that cannot be joined."""


@dataclass(frozen=True)
class Module:
    """A module without imports, comments and layout: its dependencies, code and exports."""

    imports: list[tuple[str, Path]]
    exports: list[str]
    _path: Path
    _source: str
    _scripts: Path

    @classmethod
    def read(cls, path: Path, scripts: Path) -> "Module":
        source = without_layout(path.read_bytes()).decode()
        imports = [
            (names or "", Path(os.path.normpath(path.parent / file)))
            for names, file in _IMPORT.findall(source)
        ]
        return cls(imports, [name for _, name in _EXPORT.findall(source)], path, source, scripts)

    @cached_property
    def body(self) -> str:
        """Made when it is asked for: a server that starts needs to know the imports only."""
        body = _EXPORT.sub(r"\1", _IMPORT.sub("", self._source))
        if other := _OTHER.search(body):
            raise UnsupportedModule(f"{self._path.name}: {other.group()}")
        body = _ADDRESS.sub(lambda found: f'"{self._from_joined(found[1])}"', body)
        return without_breaks(body.encode()).decode()

    def _from_joined(self, file: str) -> str:
        """Where a joined file finds what this module loads: what is at the top is joined too."""
        path = Path(os.path.normpath(self._path.parent / file))
        if path.parent == self._scripts:
            return f"./{path.name}"
        return os.path.relpath(path, self._scripts / JOINED.name)


@dataclass
class Joiner:
    """Joins modules, with a cache of unchanged ones."""

    scripts: Path = SCRIPTS
    _read: dict[Path, tuple[int, Module]] = field(default_factory=dict)

    def join(
        self, entry: Path, *, base: Path | None = None, continued_by: Iterable[Path] = ()
    ) -> str:
        """The module and what it imports; without what `base`, which is loaded, has of that. What
        is joined on top of this module, `continued_by`, needs its exports."""
        known = self.modules(base) if base else []
        exports = {name: path for path in known for name in self._module(path).exports}
        third_party: dict[Path, str] = {}
        own = self.added(entry, base) if base else self.modules(entry)
        shared = self._imported(own) & exports.keys()
        wrapped = []
        for path in own:
            wrapped.append(self._wrapped(path, exports, third_party))
            for name in self._module(path).exports:
                if name in exports:
                    raise UnsupportedModule(
                        f"{path.name} and {exports[name].name} both export {name}"
                    )
                exports[name] = path
        foreign = [
            f'import * as {name} from "{os.path.relpath(path, JOINED)}";\n'
            for path, name in third_party.items()
        ]
        if base:
            foreign.append(f'import {_names(shared)} from "./{base.name}";\n')
        beyond = {name for each in continued_by for name in self._imported(self.added(each, entry))}
        if exported := (beyond & exports.keys()) | set(self._module(entry).exports):
            wrapped.append(f"export {_names(exported)};\n")
        return "".join([*foreign, *wrapped])

    def modules(self, entry: Path) -> list[Path]:
        """The module and all that it imports, after what they import."""
        return list(self._in_order(entry, set()))

    def added(self, entry: Path, base: Path) -> list[Path]:
        """The modules of `entry` that `base` does not have."""
        known = set(self.modules(base))
        return [path for path in self.modules(entry) if path not in known]

    def _imported(self, paths: Iterable[Path]) -> set[str]:
        """The names that these modules import of ours."""
        imports = [found for path in paths for found in self._module(path).imports]
        of_ours = [names.split(",") for names, needed in imports if _is_ours(needed)]
        return {name.strip() for names in of_ours for name in names} - {""}

    def _in_order(self, path: Path, known: set[Path]) -> Iterator[Path]:
        """Every module once, after its dependencies."""
        known.add(path)
        for _, needed in self._module(path).imports:
            if needed not in known and _is_ours(needed):
                yield from self._in_order(needed, known)
        yield path

    def _wrapped(self, path: Path, exports: dict[str, Path], third_party: dict[Path, str]) -> str:
        """The module as a function. `exports` are the names of earlier modules, `third_party` the
        names of third-party ones."""
        module = self._module(path)
        lines = []
        for names, needed in module.imports:
            if not _is_ours(needed):
                source = third_party.setdefault(needed, f"$third_party{len(third_party)}")
                lines.append(f"const {{{names.replace(' as ', ': ')}}} = {source};\n")
                continue
            for name in filter(None, map(str.strip, names.split(","))):
                if " as " in name:
                    raise UnsupportedModule(f"{path.name}: import {{ {name} }}")
                if exports.get(name) != needed:
                    raise UnsupportedModule(
                        f"{path.name} finds no {name} in {needed.name}, or they import each other"
                    )
        body, exported = "".join([*lines, module.body]), ", ".join(module.exports)
        start = end = ""
        if exported:
            start, end = f"const {{ {exported} }} = ", f"return {{ {exported} }};\n"
        return f"// {path.relative_to(SCRIPTS)}\n{start}(() => {{\n{body}{end}}})();\n"

    def _module(self, path: Path) -> Module:
        changed = path.stat().st_mtime_ns
        if path not in self._read or self._read[path][0] != changed:
            self._read[path] = (changed, Module.read(path, self.scripts))
        return self._read[path][1]


def _names(names: set[str]) -> str:
    return f"{{ {', '.join(sorted(names))} }}"


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(SCRIPTS)


def join_modules(app: Flask, joiner: Joiner) -> None:
    @app.get("/static/js/joined/<name>.js")
    def modules(name: str) -> Response:
        entry = SCRIPTS / f"{name}.js"
        if not re.fullmatch("[a-z]{1,40}", name) or not entry.is_file():
            abort(404)
        joined = joiner.join(
            entry,
            base=CHAT if entry in ON_TOP else None,
            continued_by=ON_TOP if entry == CHAT else (),
        )
        return text_file(joined.encode(), "text/javascript")
