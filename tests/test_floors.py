"""ARCHITECTURE.md's floors: imports point down, and never in a circle."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FEATURES = {
    *("messages", "rooms", "presence", "reading", "moderation", "accounts", "admin", "pages"),
    *("settings", "health", "audit"),
}
ABOVE = {"parts", "factory", "serve", "cli", "__main__"}
WIRE = {"wire", "model", "limits", "errors"}
DOORS = {"flask", "flask_socketio", "socketio", "werkzeug"}


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
def house() -> dict[str, set[str]]:
    """Each module of ours with those of ours that it imports."""
    files = modules()

    def ours(name: str) -> str | None:
        return name if name in files else ours(name.rpartition(".")[0]) if name else None

    return {
        name: {known for each in imported(file) if (known := ours(each))}
        for name, file in files.items()
    }


def room(module: str) -> str:
    """The folder or file of the package in which a module is."""
    return module.split(".")[1] if "." in module else ""


def test_no_modules_import_each_other_in_a_circle(house: dict[str, set[str]]):
    offered_by_name = {"chatapp", "chatapp.client"}  # which import only what they are asked for
    graph = {name: known for name, known in house.items() if name not in offered_by_name}

    assert list(TopologicalSorter(graph).static_order())


def test_the_ground_knows_nothing_of_what_stands_on_it(house: dict[str, set[str]]):
    higher = FEATURES | ABOVE | {"client", "bench"}
    ground = {name: known for name, known in house.items() if room(name) not in higher | {""}}
    assert "chatapp.storage.log" in ground

    assert [(name, up) for name in ground for up in ground[name] if room(up) in higher] == []


def test_features_are_put_together_above_them(house: dict[str, set[str]]):
    features = {name: known for name, known in house.items() if room(name) in FEATURES}
    doors = {name for name in features if not name.endswith("cli")}
    assert "chatapp.rooms.manager" in doors

    assert [(name, up) for name in doors for up in features[name] if room(up) in ABOVE] == []


def test_features_know_each_other_in_no_circle(house: dict[str, set[str]]):
    graph: dict[str, set[str]] = {feature: set() for feature in FEATURES}
    for name, known in house.items():
        if room(name) in FEATURES and not name.endswith("cli"):
            graph[room(name)] |= {room(to) for to in known} & FEATURES - {room(name)}

    assert list(TopologicalSorter(graph).static_order())


def test_rules_know_neither_flask_nor_sockets():
    rules = {name: file for name, file in modules().items() if name.endswith(".manager")}
    assert "chatapp.messages.manager" in rules

    known = {name: {each.split(".")[0] for each in imported(rules[name])} for name in rules}
    assert {name: known[name] & DOORS for name in known if known[name] & DOORS} == {}


def test_no_manager_knows_another_features_manager(house: dict[str, set[str]]):
    managers = {name for name in house if name.endswith(".manager")}
    assert len(managers) > 5

    assert {name: house[name] & managers for name in managers if house[name] & managers} == {}


@pytest.mark.parametrize("who", ["client", "bench"])
def test_clients_know_the_wire_and_never_the_server(house: dict[str, set[str]], who: str):
    clients = {name: known for name, known in house.items() if room(name) == who}
    assert clients

    allowed = WIRE | {"", "client", who}
    assert [(name, to) for name in clients for to in clients[name] if room(to) not in allowed] == []


def test_realtime_knows_nothing_of_chat(house: dict[str, set[str]]):
    transport = {name: known for name, known in house.items() if room(name) == "realtime"}
    assert transport

    chat = {"storage", "model", "wire", "limits", "errors"}
    assert [(name, to) for name in transport for to in transport[name] if room(to) in chat] == []
