import logging

import pytest
from flask import Flask

from chatapp.domain.errors import ChatError
from chatapp.web.errors import STATUS_OF_CODE
from tests.support.pages import Browser

JSON = {"Accept": "application/json"}


def test_a_refusal_is_a_page_for_a_person(browser: Browser) -> None:
    answer = browser.get("/refused", headers={"Accept": "text/html,*/*;q=0.8"})

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "There is no room &lt;b&gt;tea&lt;/b&gt;." in answer.text


def test_a_refusal_is_json_for_a_program(browser: Browser) -> None:
    answer = browser.get("/refused", headers=JSON)

    assert answer.status_code == 404
    assert answer.json == {
        "ok": False,
        "error": {"code": "no_such_room", "message": "There is no room <b>tea</b>."},
    }


def test_the_api_speaks_json_also_to_who_does_not_ask_for_it(browser: Browser) -> None:
    answer = browser.get("/api/too-fast")

    assert answer.status_code == 429
    assert answer.json["error"]["code"] == "rate_limited"


def test_who_is_too_fast_is_told_when_to_come_back(browser: Browser) -> None:
    assert browser.get("/too-fast").headers["Retry-After"] == "2"


@pytest.mark.parametrize("path", ["/nothing", "/%00", "/" + "x" * 3000, "/..%2f..%2fetc/passwd"])
def test_an_address_without_a_page_is_not_found(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.get(path, headers=JSON).json["error"]["code"] == "not_found"


def test_a_wrong_method_is_told_the_right_ones(browser: Browser) -> None:
    answer = browser.get("/logout")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    answer = browser.submit("/name", name="x" * 100_000)

    assert answer.status_code == 413
    assert "too large" in answer.text


def test_what_nobody_expected_is_logged_and_not_shown(
    app: Flask, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    with caplog.at_level(logging.ERROR):
        page, json = browser.get("/crash"), browser.get("/crash", headers=JSON)

    assert page.status_code == json.status_code == 500
    assert "the secret reason" not in page.text + json.text
    assert "Traceback" not in page.text + json.text
    assert "the secret reason" in caplog.text


def test_every_refusal_has_a_status() -> None:
    assert {error.code for error in ChatError.__subclasses__()} == set(STATUS_OF_CODE)
