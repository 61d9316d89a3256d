"""The tools of the tests are able to fail: a page that complains is found out."""

from collections.abc import Iterator

import pytest

from tests.support.browser import Complaints, Windows
from tests.support.server import Server
from tests.support.waiting import wait_until


@pytest.fixture
def complaints(windows: Windows) -> Iterator[Complaints]:
    """What the pages complained about; none of it fails these tests."""
    yield windows.complaints
    windows.complaints.expect("")


def test_errors_on_the_console_and_exceptions_are_complaints(
    windows: Windows, complaints: Complaints
) -> None:
    page = windows.open()
    assert complaints.unexpected == []

    with page.expect_event("pageerror"):
        page.evaluate("console.error('an error'); setTimeout(() => { throw Error('exception') })")

    assert complaints.unexpected == ["an error", "uncaught: exception"]


def test_what_the_content_security_policy_stops_is_a_complaint(
    server: Server, windows: Windows, complaints: Complaints
) -> None:
    page = windows.open(server.url)
    assert complaints.unexpected == []

    with page.expect_console_message():
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=color:red>')")

    (complaint,) = complaints.unexpected
    assert "Content Security Policy" in complaint


def test_what_was_expected_is_no_complaint(windows: Windows) -> None:
    page = windows.open()

    with page.expect_console_message():
        page.evaluate("console.error('the server is away')")
    windows.complaints.expect("server is away")

    assert windows.complaints.unexpected == []


def test_who_waits_in_vain_is_told_for_what() -> None:
    with pytest.raises(AssertionError, match="in vain for the postman"):
        wait_until(lambda: False, deadline=0.05, what="the postman")
