"""Whatever is decoded is known to msgspec when its module has been imported (domain/structs.py)."""

import subprocess
import sys

from tests.support.checkout import ROOT

LATE = """
import ast, gc, importlib, pkgutil
from collections.abc import Iterator
from typing import Any, get_args
import msgspec
import chatapp

modules = [
    importlib.import_module(name)
    for _, name, _ in pkgutil.walk_packages(chatapp.__path__, "chatapp.")
    if not name.endswith("__main__")
]

def structs(type: Any) -> Iterator[Any]:
    if isinstance(type, msgspec.StructMeta):
        yield type
    for each in get_args(type):
        yield from structs(each)

def decoded(module: Any) -> Iterator[Any]:
    source = open(module.__file__).read()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in DECODING:
            types = [word.value for word in node.keywords if word.arg == "type"]
            types += node.args[1:2] if ast.unparse(node.func) == "msgspec.convert" else []
            for type in types:
                try:
                    yield from structs(eval(ast.unparse(type), vars(module)))
                except NameError:
                    pass  # a parameter: whoever passes it has a decoder of it

DECODING = {"msgspec.json.decode", "msgspec.convert"}
found = {type for module in modules for type in decoded(module)}
from chatapp.protocol.events import EVENTS
from chatapp.protocol.pushes import PUSHES
for event in EVENTS.values():
    found |= {*structs(event.request), *structs(event.answer)}
found |= {each for push in PUSHES.values() for each in structs(push)}
assert len(found) > 40, found
for type in found:
    if not any(each.__class__.__name__ == "StructInfo" for each in gc.get_referents(type)):
        print(f"{type.__module__}.{type.__qualname__}")
"""


def test_no_struct_is_worked_out_while_several_threads_run():
    ran = subprocess.run(
        [sys.executable, "-c", LATE], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
