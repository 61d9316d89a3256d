"""The console's page of incoming webhooks: made, shown once, tested, revoked."""

import re
from collections.abc import Iterator

import pytest
import requests

from tests.admin.test_upkeep import audited
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.support.waiting import DEADLINE_SECONDS

PAGE = "/admin/incoming-webhooks"
FORM = {"name": "ci", "room": "general", "owner": "", "source": "slack"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def boss(server: Server) -> Iterator[Visitor]:
    boss = Visitor(server.url).sign_in()
    yield boss
    boss.close()


def post(url: str, text: str) -> requests.Response:
    return requests.post(url, json={"text": text}, timeout=DEADLINE_SECONDS)


def test_a_webhook_is_made_used_tested_and_revoked(server: Server, boss: Visitor) -> None:
    made = boss.submit(PAGE, **FORM, calls_all="1").text

    url = re.search(r"<code>(http[^<]+/hooks/[\w-]+)</code>", made)[1]
    listed = boss.get(PAGE).text
    assert url not in listed
    assert "never used" in listed
    assert "may mention everybody" in listed
    assert post(url, "built").text == "ok"
    assert post(url, "").status_code == 400
    listed = boss.get(PAGE).text
    assert "last used" in listed
    assert "There is nothing to show" in listed
    id = re.search(r'name="id" value="(\w+)"', listed)[1]
    tested = boss.submit(f"{PAGE}/test", id=id).headers["Location"]
    assert "A test message is in the room" in boss.get(tested).text
    boss.submit(f"{PAGE}/revoke", id=id)
    assert post(url, "built").status_code == 404
    assert f'value="{id}"' not in boss.get(PAGE).text
    assert audited(server, "add-incoming-webhook")[-1]["room"] == "general"
    assert audited(server, "revoke-incoming-webhook")[-1]["name"] == "ci"
    assert audited(server, "bot-limits")[-1]["rooms"] == "general"


def test_the_secret_for_signatures_is_shown_once(boss: Visitor) -> None:
    made = boss.submit(PAGE, **FORM, signed="1").text

    secret = re.search(r"<code>([0-9a-f]{64})</code>", made)[1]
    assert secret not in boss.get(PAGE).text


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"name": " "}, "name"),
        ({"name": "new", "owner": "nobody"}, "no account called"),
        ({"room": "nowhere"}, "no room called"),
        ({"source": "pager"}, "is no source"),
    ],
)
def test_what_a_webhook_cannot_be_is_said_on_the_page(
    boss: Visitor, changed: dict[str, str], complaint: str
) -> None:
    answer = boss.submit(PAGE, **FORM | changed)

    assert answer.status_code in {400, 404}
    assert complaint in answer.text.replace("&#39;", "'")
