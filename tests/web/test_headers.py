import pytest

from tests.support.pages import Browser


@pytest.mark.parametrize("path", ["/", "/name", "/login", "/nothing", "/static/icons/favicon.svg"])
def test_every_answer_keeps_to_itself(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers

    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/static/css/base/base.css", "/static/sheets/reset+base.css", "/static/manifest.json"]
)
def test_a_file_that_is_no_page_has_few_headers(browser: Browser, path: str) -> None:
    headers = browser.get(path).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert len(str(headers)) < 300


@pytest.mark.parametrize("path", ["/", "/login", "/nothing"])
def test_a_page_is_not_kept_in_any_cache(browser: Browser, path: str) -> None:
    assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_and_asked_for_again(browser: Browser) -> None:
    first = browser.get("/static/css/base/base.css")

    again = browser.get(
        "/static/css/base/base.css", headers={"If-None-Match": first.headers["ETag"]}
    )

    assert "no-store" not in first.headers["Cache-Control"]
    assert again.status_code == 304


def test_the_cookie_is_for_this_site_and_not_for_scripts(browser: Browser) -> None:
    cookie = browser.get("/name").headers["Set-Cookie"]

    assert cookie.startswith("chatapp=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_no_page_has_inline_script_or_style(browser: Browser) -> None:
    for path in ("/name", "/login", "/nothing"):
        page = browser.get(path).text

        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page


def test_the_frame_that_draws_diagrams_reaches_nothing(browser: Browser) -> None:
    policy = browser.get("/static/diagrams.html").headers["Content-Security-Policy"].split("; ")

    assert "sandbox allow-scripts" in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
