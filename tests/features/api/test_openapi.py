"""The description of the API is valid, complete, and true: schemathesis sends what it allows and
what it forbids, and finds nothing that it does not describe."""

import os
import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import CHECKS, load_all_checks

from chatapp.protocol.events import EVENTS
from tests.features.api.test_requests import code_of

EXAMPLES = 200 if os.environ.get("TORTURE") else 5
"""Requests of each operation."""
UNSAID = {"positive_data_acceptance"}
"""Checks that do not hold: rules know more than a schema can say, such as that a name is taken."""


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/api/v1/openapi.json").json


def operations(document):
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid(document):
    assert document["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_has_every_address(app, document):
    there = {
        (method.lower(), path)
        for path, methods in app.extensions["api"].all.items()
        for method in methods
    }
    sockets = {
        ("post", f"/api/v1/{event.name}") for event in EVENTS.values() if event.only_connected
    }
    files = {
        ("post", "/api/v1/files"),
        ("get", "/api/v1/files/{id}"),
        ("delete", "/api/v1/files/{id}"),
    }

    assert set(operations(document)) == there - sockets | files


def test_each_operation_has_an_id_of_its_own_and_says_what_it_does(document):
    ids = [operation["operationId"] for operation in operations(document).values()]

    assert len(set(ids)) == len(ids)
    for operation in operations(document).values():
        assert operation["summary"]
    for event in EVENTS.values():
        if event.name != "message":
            assert event.request.__doc__, event.name


def test_it_is_sent_again_only_if_it_has_changed(nobody):
    first = nobody("GET openapi.json")

    again = nobody("GET openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)


def test_its_examples_are_what_a_request_can_be(document, program):
    admin = program("Examiner", role="owner")
    poll = {"question": "Tea?", "options": ["Yes", "No"]}
    assert admin("POST message", {"poll": poll}).json["message"]["seq"] == 1
    refused = []

    for (method, path), operation in operations(document).items():
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if not body:
            continue
        address = path.replace("{room}", "general").replace("{seq}", "1")
        answer = admin(f"{method.upper()} {address}", body["example"])
        if answer.status_code >= 400 and code_of(answer)[1] == "bad_payload":
            refused.append((path, answer.json["error"]["message"]))

    assert refused == []


def test_people_can_read_it(app):
    for language, fields in (("en", "Fields"), ("es", "Campos")):
        page = app.test_client().get("/api/v1/", headers={"Accept-Language": language})

        assert page.status_code == 200
        assert page.mimetype == "text/html"
        assert fields in page.text
        links = set(re.findall(r'href="#([^"]+)"', page.text))
        assert links <= set(re.findall(r'id="([^"]+)"', page.text))
        assert "/api/v1/rooms/{room}/messages" in page.text
        assert "<script>" not in page.text
        assert "style=" not in page.text


@pytest.mark.slow
def test_schemathesis_finds_nothing(app, new_token):
    """In this process. What is refused for other reasons than its shape is no finding."""
    token = {"Authorization": f"Bearer {new_token('Robin', 'owner')}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    load_all_checks()
    checks = [check for check in CHECKS.get_all() if check.__name__ not in UNSAID]
    assert len(checks) > 5
    found = []

    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path == "/api/v1/ban":
            continue  # Robin would ban themselves from here.
        if operation.path.endswith("/stream"):
            continue  # These need the server's own listener.
        send(operation, checks, token, found)

    assert found == []


def send(operation, checks, token, found):
    cases = st.one_of(operation.as_strategy(mode) for mode in schemathesis.GenerationMode)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case):
        try:
            case.call_and_validate(headers=token, checks=checks)
        except Exception as error:
            found.append(str(error))

    ask()
