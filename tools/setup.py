"""Sets up what is missing, and nothing else: `python -m tools.setup`, with `test` for the tests,
and with `cluster` for `make cluster`.

Run by `make run` and `make test`, each time; where all is there it takes a moment. Each step
remembers what it was made from, so that a set-up that was interrupted is finished by the next.
"""

import sys

from tools.browser_packages import copy_browser_packages, install_node_modules
from tools.environment import add_cluster_packages, add_test_packages, make_environment
from tools.node import find_node
from tools.programs import provide_cluster_programs, provide_programs
from tools.steps import SetupError, tell


def main() -> int:
    try:
        make_environment()
        copy_browser_packages()
        if "test" in sys.argv[1:]:
            add_test_packages()
            find_node()
            install_node_modules(with_checkers=True)
            provide_programs()
        if "cluster" in sys.argv[1:]:
            add_cluster_packages()
            provide_cluster_programs()
    except SetupError as error:
        tell(str(error))
        return 1
    except OSError as error:
        tell(f"The set-up cannot write its files: {error}.")
        return 1
    except KeyboardInterrupt:
        tell("Interrupted; the next make goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
