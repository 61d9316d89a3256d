"""Blobs as the objects of a bucket that speaks S3: `9f/86/9f86d0…`.

An object appears whole. A large one travels in parts of 5 MB, the least that S3 allows, one after
another: so much memory an upload takes here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from chatapp.blobs.names import PART_BYTES, BlobMissing, BlobsUnavailable, checked

MULTIPART_BYTES = 5 * 1024 * 1024
TRIES = 3
LONGEST_PAUSE_SECONDS = 1
PATIENCE_SECONDS = 30
OPTIONS = frozenset(["endpoint", "region"])


class S3Blobs:
    """Those of `s3://bucket/folder?endpoint=https://…&region=…`.

    Credentials stand before the bucket (`s3://key:secret@bucket`), or come from the `AWS_…`
    variables and the machine's role, as for other programs that use S3. Raises `ValueError` if the
    URL is wrong.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
        if not parts.hostname or options.keys() - OPTIONS:
            raise ValueError("it must be like s3://bucket?endpoint=https://host")
        settings: Any = {"virtual_hosted_style_request": "endpoint" not in options}
        if parts.username and parts.password:
            settings["access_key_id"] = unquote(parts.username)
            settings["secret_access_key"] = unquote(parts.password)
        if endpoint := options.get("endpoint", ""):
            settings["endpoint"] = endpoint
        self._store = S3Store(
            parts.hostname,
            prefix=parts.path.strip("/") or None,
            region=options.get("region", "us-east-1"),
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "timeout": f"{PATIENCE_SECONDS}s",
            },
            retry_config={
                "max_retries": TRIES,
                "backoff": {
                    "init_backoff": timedelta(seconds=0.1),
                    "max_backoff": timedelta(seconds=LONGEST_PAUSE_SECONDS),
                    "base": 2,
                },
                "retry_timeout": timedelta(seconds=PATIENCE_SECONDS),
            },
            config=settings,
        )

    def put(self, name: str, file: Path) -> None:
        if self.size(name) is None:
            with _in_words():
                is_large = file.stat().st_size > MULTIPART_BYTES
                obstore.put(
                    self._store,
                    _key(name),
                    file,
                    use_multipart=is_large,
                    chunk_size=MULTIPART_BYTES,
                    max_concurrency=1,
                )
        file.unlink(missing_ok=True)

    def size(self, name: str) -> int | None:
        with _in_words():
            try:
                return obstore.head(self._store, _key(name))["size"]
            except FileNotFoundError:
                return None

    def read(self, name: str, offset: int = 0, size: int | None = None) -> Iterator[bytes]:
        whole = self.size(name)
        if whole is None:
            raise BlobMissing(name)
        end = whole if size is None else min(whole, offset + size)
        return self._parts(name, offset, end)

    def delete(self, name: str) -> None:
        key = _key(name)
        with _in_words():
            keys = [key, *(each["path"] for each in self._listed(f"{key}."))]
            for each in keys:
                try:
                    obstore.delete(self._store, each)
                except FileNotFoundError:  # Real S3 does not tell; some that speak it do.
                    continue

    def names(self) -> Iterator[tuple[str, int]]:
        with _in_words():
            for each in self._listed():
                yield each["path"].rpartition("/")[2], each["size"]

    def free_bytes(self) -> int | None:
        return None

    def close(self) -> None:
        """Connections end with the process."""

    def _listed(self, start: str = "") -> Iterator[Any]:
        """Objects by name. S3 lists by whole folders here, so what begins otherwise is left out."""
        folder = start.rpartition("/")[0] or None
        for chunk in obstore.list(self._store, prefix=folder):
            yield from (each for each in chunk if each["path"].startswith(start))

    def _parts(self, name: str, offset: int, end: int) -> Iterator[bytes]:
        if offset >= end:
            return
        with _in_words():
            found = obstore.get(self._store, _key(name), options={"range": (offset, end)})
            for part in found.stream(min_chunk_size=PART_BYTES):
                whole = bytes(part)
                for at in range(0, len(whole), PART_BYTES):
                    yield whole[at : at + PART_BYTES]


def _key(name: str) -> str:
    return f"{checked(name)[:2]}/{name[2:4]}/{name}"


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BlobsUnavailable(f"The bucket of files cannot be used: {reason}") from error
