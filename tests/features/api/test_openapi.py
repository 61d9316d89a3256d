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
AUTOMATIC = {
    *(("OPTIONS", f"/api/v1/files{path}") for path in ("", "/<id>", "/tus/<id>")),
    ("HEAD", "/api/v1/files/<id>"),
}
"""Flask's answers."""
ACCEPTANCE = "positive_data_acceptance"
"""The check that what a schema allows is never refused for its shape. It is left out where rules
know more than a schema can say: which fields go together, or what stands in a text."""
PARTLY_SAID = {
    *(
        ("post", f"/api/v1/{event}")
        for event in (
            *("add_emoji", "create", "edit", "forward", "kick", "message", "move", "mute"),
            *("notifications", "people", "profile", "react", "remove_emoji", "schedule", "search"),
            *("status", "title", "unban", "update", "vote", "voters"),
        )
    ),
    ("get", "/api/v1/people"),
    ("get", "/api/v1/search"),
    ("post", "/api/v1/rooms/{room}/messages"),
    ("patch", "/api/v1/rooms/{room}/messages/{seq}"),
    ("post", "/api/v1/files"),
    ("post", "/api/v1/files/tus"),
    ("post", "/api/v1/files/tus/{id}"),
    ("patch", "/api/v1/files/tus/{id}"),
}


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
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in rule.methods
        if rule.rule.startswith("/api/v1/files") and (method, rule.rule) not in AUTOMATIC
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
    schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    schema.config.checks.negative_data_rejection.expected_statuses.append("412")  # of tus
    load_all_checks()
    checks = CHECKS.get_all()
    assert len(checks) > 5
    known = [result.ok() for result in schema.get_all_operations()]
    assert {(each.method, each.path) for each in known} >= PARTLY_SAID
    found = []

    for operation in known:
        if operation.path == "/api/v1/ban":
            continue  # Robin would ban themselves from here.
        if operation.path.endswith("/stream"):
            continue  # These need the server's own listener.
        send(operation, checks, token, found)

    assert found == []


def send(operation, checks, token, found):
    cases = st.one_of(operation.as_strategy(mode) for mode in schemathesis.GenerationMode)
    is_partly_said = (operation.method, operation.path) in PARTLY_SAID

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def ask(case):
        left_out = is_partly_said or has_whole_float(case.body)
        used = [check for check in checks if not (left_out and check.__name__ == ACCEPTANCE)]
        try:
            case.call_and_validate(headers=token, checks=used)
        except* Exception as errors:
            found.append(str(errors.exceptions))

    ask()


def has_whole_float(value):
    """Whether there is something like 2.0, which JSON Schema calls an integer; JSON of JavaScript
    and Python does not have it, and the chat refuses it."""
    if isinstance(value, dict):
        return any(map(has_whole_float, value.values()))
    if isinstance(value, list):
        return any(map(has_whole_float, value))
    return isinstance(value, float) and value.is_integer()
