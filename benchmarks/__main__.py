"""All benchmarks, one after another, each beside its peers: `make bench`.

Node's Socket.IO is fetched into peers/node where there is npm; ngIRCd is measured where it
is installed. The results of one run, with what they mean, are in RESULTS.md.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

NODE = Path(__file__).parent / "peers/node"
BENCHMARKS = [
    "fanout --listeners 500",
    "fanout --listeners 3000 --peers chatapp,ours,node,ngircd",
    "arrivals",
    "slow_readers",
    "ingest",
    "log_append",
    "log_read",
    "log_index",
    "console",
]


def main() -> None:
    if shutil.which("npm") and not (NODE / "node_modules").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=NODE, check=True)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    for benchmark in BENCHMARKS:
        print(f"\n$ python -m benchmarks.{benchmark}", flush=True)
        name, *arguments = benchmark.split()
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *arguments], check=True)


if __name__ == "__main__":
    main()
