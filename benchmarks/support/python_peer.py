"""Python for peers that need packages that the chat does not: in an environment of their own, made
once in peers/python."""

import subprocess
import sys
import venv
from pathlib import Path

from tools.steps import SetupError, Stamp, run

FOLDER = Path(__file__).parent.parent / "peers" / "python"
ENVIRONMENT = FOLDER / ".venv"
REQUIREMENTS = FOLDER / "requirements.txt"
PYTHON = ENVIRONMENT / "bin" / "python"


def why_no_packages() -> str | None:
    """Why these peers cannot run; None where they can. What is missing is installed."""
    stamp = Stamp(ENVIRONMENT / "made-from", REQUIREMENTS, sys.version)
    if stamp.current:
        return None
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        run("benchmark peers", [PYTHON, "-m", "pip", "install", "-r", REQUIREMENTS])
    except (SetupError, OSError, subprocess.CalledProcessError) as error:
        return str(error)
    stamp.write()
    return None
