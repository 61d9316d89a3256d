"""The project as others get it: a fresh clone, in an environment that knows nothing of ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

_FETCHING = (
    "PIP_",
    "NPM_CONFIG_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT",
    "NODE_EXTRA",
)
"""How the names of those variables begin that say how this machine reaches the package indexes."""

_PROGRAMS = ("make", "sh", "env", "git", "sed", "expand", "rm", "find", "uname")


def fresh_clone(folder: Path) -> Path:
    """The files that git has, or would take, as they are now, and nothing that was built."""
    git = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def bare_environment(path: Path) -> dict[str, str]:
    """No virtual environment, no npm: a `path` to a new folder with the few programs we need."""
    path.mkdir()
    for program in _PROGRAMS:
        if found := shutil.which(program):
            (path / program).symlink_to(found)
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    put_program(path / "python3", f'exec "{python}" "$@"')
    fetching = {
        name: value for name, value in os.environ.items() if name.upper().startswith(_FETCHING)
    }
    return {"PATH": str(path), "HOME": os.environ["HOME"], **fetching}


def put_program(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def without_network(environ: dict[str, str]) -> dict[str, str]:
    """Every package index is a port on which nobody answers."""
    nowhere = "http://127.0.0.1:9"
    settings = {"PIP_INDEX_URL": nowhere, "npm_config_registry": nowhere}
    kept = {name: value for name, value in environ.items() if not name.upper().startswith("PIP_")}
    return kept | settings | {"PIP_CONFIG_FILE": os.devnull}
