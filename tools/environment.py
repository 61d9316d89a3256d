"""The virtual environment in .venv: the pinned packages, and this checkout as `chatapp`."""

import subprocess
import sys
from pathlib import Path

from tools.steps import ROOT, SetupError, Stamp, run, tell

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
CLUSTER_REQUIREMENTS = ROOT / "requirements-cluster.txt"
MCP_REQUIREMENTS = ROOT / "requirements-mcp.txt"
TEST_REQUIREMENTS = ROOT / "requirements-dev.txt"

_UNFINISHED = VENV / "unfinished"
"""There while pip changes the environment. Whoever finds it there knows that pip was cut short."""


def make_environment() -> None:
    """What `make run` needs."""
    if _stamp().current and PYTHON.exists() and not _UNFINISHED.exists():
        return
    if not _usable():
        tell("Making a virtual environment in .venv …")
        run("venv", [sys.executable, "-m", "venv", "--clear", VENV])
    tell("Installing the Python packages …")
    install("--requirement", REQUIREMENTS)
    install("--no-deps", "--no-build-isolation", "--editable", ROOT)
    _stamp().write()


def add_test_packages() -> None:
    """What `make test` needs on top."""
    sources = (REQUIREMENTS, CLUSTER_REQUIREMENTS, MCP_REQUIREMENTS, TEST_REQUIREMENTS)
    stamp = Stamp(VENV / "made-from-dev", *sources)
    if not stamp.current:
        tell("Installing the Python packages of the tests …")
        install("--requirement", TEST_REQUIREMENTS)
        stamp.write()


def add_cluster_packages() -> None:
    """What `make cluster` needs on top."""
    stamp = Stamp(VENV / "made-from-cluster", REQUIREMENTS, CLUSTER_REQUIREMENTS)
    if not stamp.current:
        tell("Installing the drivers of PostgreSQL, Redis and S3 …")
        install("--requirement", CLUSTER_REQUIREMENTS)
        stamp.write()


def install(*what: str | Path) -> None:
    """`pip install`, in .venv; where there is none, in the environment that runs this.

    Where pip gives up by itself, it leaves all as it was.
    """
    if not PYTHON.exists():
        _pip_install(sys.executable, *what)
        return
    _UNFINISHED.touch()
    try:
        _pip_install(PYTHON, *what)
    except SetupError:
        _UNFINISHED.unlink()
        raise
    _UNFINISHED.unlink()


def _pip_install(python: str | Path, *what: str | Path) -> None:
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries=2")
    run("pip install", (*pip, "install", "--prefer-binary", *what))


def _stamp() -> Stamp:
    """Of what the environment is made, where it lies, and which interpreter it borrows.

    A folder that moved takes along commands that name the interpreter by its old path; a
    system that moves to the next Python takes the packages' folder away.
    """
    pyproject = ROOT / "pyproject.toml"
    return Stamp(VENV / "made-from", REQUIREMENTS, pyproject, str(VENV), str(PYTHON.resolve()))


def _usable() -> bool:
    """Whether there is an environment that was made to its end, and here."""
    configuration = VENV / "pyvenv.cfg"
    if _UNFINISHED.exists() or not (PYTHON.exists() and configuration.is_file()):
        return False
    made_here = str(VENV) in configuration.read_text()
    pip = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False)
    return made_here and pip.returncode == 0
