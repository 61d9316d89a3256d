"""No reading of a monotonic clock is compared with a number that somebody made up.

Such a clock begins anywhere: near zero on a machine that has just started. `-math.inf` is
before all its readings, `math.inf` is after them.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLOCKS = {"monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}


def sources() -> list[Path]:
    folders = ("chatapp", "tests", "benchmarks", "tools")
    return [ROOT / "wsgi.py", *(path for name in folders for path in (ROOT / name).rglob("*.py"))]


def made_up(source: str) -> set[str]:
    """The names that hold a reading of a clock in one place, and a made-up number in another."""
    assigned = [
        (_name(target), value)
        for node in ast.walk(ast.parse(source))
        for targets, value in _assignments(node)
        for target in targets
    ]
    readings: set[str] = set()
    while more := {name for name, value in assigned if _reads(value, readings)} - readings:
        readings |= more
    return {name for name, value in assigned if name in readings and _is_number(value)}


def test_no_clock_is_compared_with_a_made_up_zero():
    found = {str(path.relative_to(ROOT)): made_up(path.read_text()) for path in sources()}

    assert len(found) > 300
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "self.seen = 0.0\nself.seen = time.monotonic()",
        "seen = 0\nseen = monotonic() + 5",
        "self.due: float = 0\nnow = perf_counter()\nself.due = now",
        "done, told = 0, 0.0\nnow = time.monotonic()\ntold = now",
    ],
)
def test_a_made_up_zero_is_found(source: str):
    assert len(made_up(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "seen = -math.inf\nseen = time.monotonic()",
        "count = 0\nseconds = time.monotonic() - start\ncount = count + 1",
        "start = time.monotonic()\nseconds = 0.0\nseconds = time.monotonic() - start",
    ],
)
def test_other_zeros_are_let_be(source: str):
    assert made_up(source) == set()


def _assignments(node: ast.AST) -> list[tuple[list[ast.expr], ast.expr]]:
    """Targets with what is assigned to them; a tuple's targets one by one."""
    if isinstance(node, ast.AnnAssign) and node.value:
        return [([node.target], node.value)]
    if not isinstance(node, ast.Assign):
        return []
    pairs = []
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs += zip(target.elts, node.value.elts, strict=False)
        else:
            pairs.append((target, node.value))
    return [([target], value) for target, value in pairs]


def _name(target: ast.expr) -> str:
    return ast.unparse(target)


def _reads(value: ast.expr, readings: set[str]) -> bool:
    """Whether this is a moment of a clock, or one with a duration added or a constant taken off.

    The difference of two moments is none.
    """
    if isinstance(value, ast.Call):
        return _name(value.func).rpartition(".")[2] in CLOCKS
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return _reads(value.left, readings) or _reads(value.right, readings)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub):
        return _reads(value.left, readings) and _name(value.right).isupper()
    return isinstance(value, ast.Name | ast.Attribute) and _name(value) in readings


def _is_number(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, int | float)
