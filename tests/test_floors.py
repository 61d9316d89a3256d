"""ARCHITECTURE.md's floors: imports point down, never in a circle; folders stay small."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = (
    ("",),
    ("domain", "resources"),
    ("exit_codes", "text", "protocol", "config"),
    ("standard_streams",),
    ("transport",),
    ("log",),
    ("blobs",),
    ("index",),
    ("store",),
    ("tables",),
    ("ports",),
    ("alone",),
    ("cluster",),
    ("upkeep",),
    ("transfer",),
    ("web",),
    ("control",),
    ("outbound",),
    ("delivery",),
    ("features",),
    ("admin",),
    ("client", "bench"),
    ("app",),
    ("cli",),
    ("__main__",),
)
"""From the ground up: a floor knows those below it, and nobody of its own but itself."""
CLIENTS_MAY_KNOW = {"", "domain", "text", "protocol", "exit_codes", "standard_streams", "client"}
FRAMEWORKS = {"flask", "flask_socketio", "socketio", "werkzeug"}
MOST_FILES = 24
"""In a folder. A number to lower, never to raise."""
MADE_LATER = {".venv", "__pycache__"}
"""Folders of the peers of benchmarks, and of Python."""
MOST_LINES = 80
"""Of a function. A number to lower, never to raise."""
LONGER = {
    "chatapp.features.api.other_paths.other_paths",
}
"""Functions that have more lines. Names to remove, never to add."""


def modules() -> dict[str, Path]:
    files = sorted((ROOT / "chatapp").rglob("*.py"))
    names = {".".join(file.relative_to(ROOT).with_suffix("").parts): file for file in files}
    return {name.removesuffix(".__init__"): file for name, file in names.items()}


def imported(file: Path) -> Iterator[str]:
    """What a module imports, also for its types only, or within a function."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """Each module of ours with those of ours that it imports."""
    files = modules()

    def ours(name: str) -> str | None:
        return name if name in files else ours(name.rpartition(".")[0]) if name else None

    return {
        name: {known for each in imported(file) if (known := ours(each))}
        for name, file in files.items()
    }


def folder(module: str) -> str:
    """The folder or file of the package in which a module is."""
    return module.split(".")[1] if "." in module else ""


def feature(module: str) -> str:
    parts = module.split(".")
    return parts[2] if parts[1:2] == ["features"] and len(parts) > 2 else ""


def test_no_modules_import_each_other_in_a_circle(imports: dict[str, set[str]]):
    offered_by_name = {"chatapp", "chatapp.client"}  # which import only what they are asked for
    graph = {name: known for name, known in imports.items() if name not in offered_by_name}

    assert list(TopologicalSorter(graph).static_order())


def test_every_folder_has_a_floor(imports: dict[str, set[str]]):
    assert {folder(name) for name in imports} == {name for floor in FLOORS for name in floor}


def test_the_map_names_every_folder_on_its_floor():
    floors = (ROOT / "ARCHITECTURE.md").read_text().split("## ")[1]
    height = {name: floor for floor, names in enumerate(FLOORS) for name in names}

    named = re.findall(r"^    (\w+)/ ", floors, re.M)

    assert set(named) == {name for name in height if (ROOT / "chatapp" / name).is_dir() and name}
    known_by_nobody = {"client", "bench"}
    on_the_way_up = [height[name] for name in reversed(named) if name not in known_by_nobody]
    assert on_the_way_up == sorted(on_the_way_up)


def test_imports_point_down(imports: dict[str, set[str]]):
    height = {name: floor for floor, names in enumerate(FLOORS) for name in names}
    by_name = {("chatapp", "app"), ("chatapp", "client"), ("chatapp", "transfer")}
    """The package offers create_app and frame."""

    up = [
        (name, to)
        for name, known in imports.items()
        for to in known
        if folder(name) != folder(to)
        and height[folder(to)] >= height[folder(name)]
        and (name, folder(to)) not in by_name
    ]
    assert up == []


def test_features_know_each_other_in_no_circle(imports: dict[str, set[str]]):
    graph: dict[str, set[str]] = {}
    for name, known in imports.items():
        if own := feature(name):
            graph.setdefault(own, set()).update({feature(to) for to in known} - {own, ""})
    assert "messages" in graph

    assert list(TopologicalSorter(graph).static_order())


def test_rules_know_neither_flask_nor_sockets():
    rules = {name: file for name, file in modules().items() if name.endswith(".manager")}
    assert "chatapp.features.messages.manager" in rules

    known = {name: {each.split(".")[0] for each in imported(rules[name])} for name in rules}
    assert {name: known[name] & FRAMEWORKS for name in known if known[name] & FRAMEWORKS} == {}


def test_no_manager_knows_another_features_manager(imports: dict[str, set[str]]):
    managers = {name for name in imports if name.endswith(".manager")}
    assert len(managers) > 5

    assert {name: imports[name] & managers for name in managers if imports[name] & managers} == {}


@pytest.mark.parametrize("who", ["client", "bench"])
def test_clients_know_the_protocol_and_never_the_server(imports: dict[str, set[str]], who: str):
    clients = {name: known for name, known in imports.items() if folder(name) == who}
    assert clients

    allowed = CLIENTS_MAY_KNOW | {who}
    assert [(n, to) for n in clients for to in clients[n] if folder(to) not in allowed] == []


def test_the_transport_knows_nothing_of_chat(imports: dict[str, set[str]]):
    transport = {name: known for name, known in imports.items() if folder(name) == "transport"}
    assert transport

    chat = {"chatapp.domain.model", "chatapp.domain.limits", "chatapp.domain.errors"}
    known = {(name, to) for name in transport for to in transport[name]}
    assert [each for each in known if each[1] in chat or folder(each[1]) == "protocol"] == []


def test_rules_do_not_know_whether_there_are_other_processes(imports: dict[str, set[str]]):
    rules = {"features", "admin", "delivery", "control", "web", "transport"}
    knowing = {name for name in imports if folder(name) == "app"}
    assert any(folder(to) == "cluster" for name in knowing for to in imports[name])

    above = {(name, to) for name in imports if folder(name) in rules for to in imports[name]}
    assert [each for each in above if folder(each[1]) == "cluster"] == []


def test_no_folder_is_crowded():
    patterns = ("static/css/**/*.css", "static/js/**/*.*", "benchmarks/**/*.*")
    found = (file for pattern in patterns for file in ROOT.glob(pattern) if file.is_file())
    others = [file for file in found if not MADE_LATER.intersection(file.parts)]
    assert len(others) > 300
    folders = Counter(file.parent for file in [*modules().values(), *others])

    assert [str(path) for path, files in folders.items() if files > MOST_FILES] == []


def test_no_function_is_long():
    lines = {
        f"{name}.{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, file in modules().items()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lines) > 1000

    assert {name for name in lines if lines[name] > MOST_LINES} == LONGER


def test_class_names_are_unique():
    names = Counter(
        node.name
        for file in modules().values()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ClassDef)
    )
    assert len(names) > 100

    assert [name for name, count in names.items() if count > 1] == []


def test_no_document_has_the_marks_of_a_conflict():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    assert ROOT / "ARCHITECTURE.md" in documents

    marks = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [file.name for file in documents if marks.search(file.read_text())] == []
