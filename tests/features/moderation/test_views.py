"""Who is banned is told why, on a page that looks like the others."""

import re

import pytest

from chatapp.domain.model import Person
from chatapp.features.accounts.manager import AccountManager
from chatapp.protocol.requests import Ban
from tests.support.accounts import PASSWORD, make_accounts
from tests.support.pages import Browser, make_app

BOSS = Person(name="Boss", id="boss", role="owner")


@pytest.fixture
def accounts() -> AccountManager:
    accounts = make_accounts()
    accounts.create("Vic", PASSWORD)
    return accounts


@pytest.fixture
def banned(accounts: AccountManager) -> Browser:
    app = make_app(accounts)
    vic = Browser(app).sign_in("Vic")
    app.extensions["moderation"].ban(BOSS, Ban(name="Vic", reason="spam"))
    return vic


def test_all_that_the_page_of_a_banned_person_is_made_of_is_open_to_them(banned: Browser):
    page = banned.get("/")
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)

    assert page.status_code == 403
    assert "spam" in page.text
    assert any("/static/sheets/" in file for file in files)
    fonts = [file for file in files if "/vendor/" not in file]
    assert {banned.get(file).status_code for file in fonts} == {200}


@pytest.mark.parametrize("path", ["/", "/name", "/login", "/staticky", "/admin/messages"])
def test_no_other_page_is(banned: Browser, path: str):
    assert banned.get(path).status_code == 403
