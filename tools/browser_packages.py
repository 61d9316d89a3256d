"""The packages that the page uses: from npm to static/vendor/, where we serve them ourselves.

package.json pins them, and lists under "vendor" which of their files the page needs.
"""

import json
import shutil
from pathlib import Path

from tools.node import find_node
from tools.steps import ROOT, Stamp, run, tell

PACKAGE, LOCK = ROOT / "package.json", ROOT / "package-lock.json"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"


def copy_browser_packages() -> None:
    """What `make run` needs: static/vendor/<package>/<file>."""
    stamp = Stamp(VENDOR / "made-from", PACKAGE, LOCK)
    if stamp.current:
        return
    install_node_modules()
    if VENDOR.exists():
        shutil.rmtree(VENDOR)
    for package, files in json.loads(PACKAGE.read_text())["vendor"].items():
        (VENDOR / package).mkdir(parents=True)
        for file in files:
            shutil.copyfile(NODE_MODULES / package / file, VENDOR / package / Path(file).name)
    stamp.write()


def install_node_modules() -> None:
    """What `make test` needs on top: node_modules, with the packages whole."""
    stamp = Stamp(NODE_MODULES / "made-from", PACKAGE, LOCK)
    if stamp.current:
        return
    npm = find_node().npm
    tell("Installing the browser packages …")
    run("npm", [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"])
    stamp.write()
