"""A program that sends requests to the API of an app in this process."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


class Program:
    """Sends requests with a header `Authorization`; `None` sends none."""

    def __init__(self, app: Flask, authorization: str | None) -> None:
        self._http = app.test_client()
        self._headers = {} if authorization is None else {"Authorization": authorization}

    def __call__(self, request: str, json: Any = None, **options: Any) -> TestResponse:
        """`request` is a method and an address under `/api/v1/`, such as `GET rooms`."""
        method, path = request.split(" ", 1)
        headers = {**self._headers, **options.pop("headers", {})}
        if json is not None:
            options["json"] = json
        if not path.startswith("/"):
            path = f"/api/v1/{path}"
        return self._http.open(path, method=method, headers=headers, buffered=True, **options)
