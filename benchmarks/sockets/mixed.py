"""Everything at once: people who write, type, come and go, and read back, all on one core.

    python -m benchmarks.sockets.mixed [--people 2000] [--seconds 15] [--no-limit]

That is `chatapp bench`, which people run on their own boxes: 2,000 online in 50 rooms and 100
messages a second, then twice as many of both, again and again until it is too much. The server
has one core, the crowd the others.
"""

import argparse
import subprocess
import sys


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--no-limit", action="store_true", help="do not look for the limit")
    arguments = parser.parse_args()
    bench = [sys.executable, "-m", "chatapp", "bench", "--one-core"]
    size = ["--people", str(arguments.people), "--messages", str(arguments.people / 20)]
    limit = [] if arguments.no_limit else ["--find-limit"]
    subprocess.run([*bench, *size, "--seconds", str(arguments.seconds), *limit], check=True)


if __name__ == "__main__":
    main()
