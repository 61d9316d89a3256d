"""A real server that speaks S3 for tests: nanio, on a free port, with a folder for each bucket."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self
from urllib.request import urlopen

from tests.support.ports import free_port
from tests.support.waiting import wait_until

KEY, SECRET = "key-of-tests", "secret-of-tests"


class S3:
    def __init__(self) -> None:
        self._port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="chatapp-s3-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        serve = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*serve, "--port", str(self._port), "--data-dir", str(self._folder)],
            env=os.environ | {"NANIO_ACCESS_KEY": KEY, "NANIO_SECRET_KEY": SECRET},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, what="S3")
        return self

    def url_of(self, bucket: str, *, secret: str = SECRET) -> str:
        """The URL of a bucket, which is made."""
        (self._folder / bucket).mkdir(exist_ok=True)
        return f"s3://{KEY}:{secret}@{bucket}?endpoint=http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def _answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/healthz", timeout=5):
                return True
        except OSError as error:
            return getattr(error, "code", None) is not None
