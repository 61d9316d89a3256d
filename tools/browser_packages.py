"""The packages that the page uses: from npm to static/vendor/, where we serve them ourselves.

package.json pins them, and lists under "vendor" which of their files the page needs.
`fonts/*.woff2` are several, in a folder of that name.
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
    """What `make run` needs: static/vendor/<package>/<file>.

    Beside each script stands where its types are, for the type checker.
    """
    stamp = Stamp(VENDOR / "made-from", PACKAGE, LOCK)
    if stamp.current:
        return
    install_node_modules()
    if VENDOR.exists():
        shutil.rmtree(VENDOR)
    for package, files in json.loads(PACKAGE.read_text())["vendor"].items():
        (VENDOR / package).mkdir(parents=True)
        for file in files:
            _copy(NODE_MODULES / package, file, VENDOR / package)
            if file.endswith(".js"):
                types = VENDOR / package / Path(file).with_suffix(".d.ts").name
                types.write_text(f'export * from "{package}";\n')
    stamp.write()


def _copy(package: Path, file: str, target: Path) -> None:
    if "*" not in file:
        shutil.copyfile(package / file, target / Path(file).name)
        return
    folder = target / Path(file).parent.name
    folder.mkdir()
    for source in package.glob(file):
        shutil.copyfile(source, folder / source.name)


def install_node_modules(*, with_checkers: bool = False) -> None:
    """What `make test` needs on top: node_modules, whole, and what checks and lints our scripts."""
    whole = Stamp(NODE_MODULES / "made-from", PACKAGE, LOCK, "with the checkers")
    stamp = whole if with_checkers else Stamp(NODE_MODULES / "made-from", PACKAGE, LOCK)
    if stamp.current or whole.current:
        return
    npm = find_node().npm
    tell("Installing the browser packages …")
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    run("npm", [*npm, "ci", *options, *([] if with_checkers else ["--omit=dev"])])
    stamp.write()
