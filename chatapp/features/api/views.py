"""The description of the API: `/api/v1/openapi.json` for programs, and `/api/v1/` for people."""

from functools import cache

import msgspec
from flask import Blueprint, Response, make_response, render_template, request

from chatapp.features.api.endpoint import Addresses
from chatapp.features.api.openapi import Description, Json
from chatapp.features.api.reference import Reference
from chatapp.features.api.resources import ROOT
from chatapp.web.file_answers import text_file


def api_blueprint(addresses: Addresses) -> Blueprint:
    pages = Blueprint("api", __name__)

    @cache
    def document() -> Json:
        """Made for the first reader: it takes longer than the rest of a start."""
        return Description(addresses).document()

    @cache
    def encoded() -> bytes:
        return msgspec.json.encode(document())

    @pages.get(f"{ROOT}/openapi.json")
    def openapi() -> Response:
        return text_file(encoded(), "application/json")

    @pages.get(f"{ROOT}/")
    def reference() -> Response:
        reference = Reference(document())
        origin = request.host_url.rstrip("/")
        return make_response(
            render_template(
                "api.html",
                sections=reference.sections(origin),
                types=reference.types(),
                post=reference.curl("post", f"{ROOT}/rooms/{{room}}/messages", origin),
            )
        )

    return pages
