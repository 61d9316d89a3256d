"""Bots in the console: a token is made, shown once, used, and revoked."""

import html
import json
import re
from collections.abc import Iterator

import pytest
import socketio

from chatapp.features.accounts.manager import AccountManager
from tests.admin.test_upkeep import audited
from tests.support.accounts import PASSWORD
from tests.support.cast import chatapp, with_token
from tests.support.pages import Browser
from tests.support.server import Server
from tests.support.visitor import Visitor, server_with_admin
from tests.test_way_of_a_message import call

FORM = {"name": "Weather", "title": "the forecast", "scope": "read", "days": ""}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = server_with_admin(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


def test_a_token_lets_a_new_bot_in_until_it_is_revoked(server: Server, boss: Visitor) -> None:
    page = boss.submit("/admin/bots", **FORM).text
    secret = re.search(r"<code>(chatapp_[\w-]+)</code>", page)[1]
    assert secret not in boss.get("/admin/bots").text
    assert "never used" in boss.get("/admin/bots").text

    # engineio's client leaves a WebSocket open that the server has closed: polling, therefore
    way = {"auth": {"token": secret}, "transports": ["polling"]}
    bot = socketio.SimpleClient()
    bot.connect(server.url, **way)

    assert call(bot, "rooms", {})["me"] == "Weather"
    assert call(bot, "message", "hi")["error"]["code"] == "not_allowed"
    listed = boss.get("/admin/bots").text
    assert "last used" in listed
    assert "the forecast" in chatapp(server, "token", "list")
    assert audited(server, "token")[-1]["scopes"] == "read"
    assert audited(server, "add-account")[-1]["role"] == "bot"
    boss.submit("/admin/bots/revoke", id=re.search(r'name="id" value="(\w+)"', listed)[1])
    refused = socketio.SimpleClient()
    with pytest.raises(socketio.exceptions.ConnectionError):
        refused.connect(server.url, **way)
    assert "the forecast" not in boss.get("/admin/bots").text
    bot.disconnect()


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"scope": ""}, "Choose what the token may do"),
        ({"scope": "write"}, "needs to read too"),
        ({"scope": "admin"}, "Choose what the token may do"),
        ({"days": "0"}, "valid for 1 to"),
        ({"days": "soon"}, "must be a whole number"),
        ({"name": "mia"}, "is a person, not a bot"),
        ({"name": " "}, "name"),
        ({"title": ""}, "title"),
        ({"scope": "react"}, "needs to read too"),
        ({"scope": "agent"}, "needs the list of the rooms"),
        ({"scope": "draft", "rooms": "tea"}, "The token of an agent"),
    ],
)
def test_what_a_token_cannot_be_is_said_on_the_page(
    admin: Browser, accounts: AccountManager, changed: dict[str, str], complaint: str
) -> None:
    accounts.create("Mia", PASSWORD, "member")

    answer = admin.submit("/admin/bots", **FORM | changed)

    assert answer.status_code in (400, 403)
    assert complaint in answer.text
    assert accounts.registry.tokens.all() == []


def test_an_agent_gets_what_is_to_be_pasted(admin: Browser, accounts: AccountManager) -> None:
    page = html.unescape(
        admin.submit("/admin/bots", **FORM | {"scope": "agent", "rooms": "tea"}).text
    )

    (shown,) = re.findall(r"<code>(\{.*?\})</code>", page, re.DOTALL)
    agent = json.loads(shown)["mcpServers"]["Weather"]
    assert agent["args"][0] == "mcp"
    assert accounts.bearer(agent["env"]["CHATAPP_TOKEN"]).scopes == ("agent",)


def test_an_admin_sees_tokens_of_owners_and_cannot_revoke_them(
    accounts: AccountManager, app: object
) -> None:
    accounts.create("Otto", PASSWORD, "admin")
    accounts.registry.tokens.create("boss", "deploys", ("read",), None)
    ((id, _),) = accounts.registry.tokens.all()
    otto = Browser(app).sign_in("Otto")  # type: ignore[arg-type]

    page = otto.get("/admin/bots").text

    assert "deploys" in page
    assert "/admin/bots/revoke" not in page
    assert otto.submit("/admin/bots/revoke", id=id).status_code == 403
    assert accounts.registry.tokens.all() != []


def test_a_new_bot_belongs_to_the_admin_and_has_the_limits_of_the_form(
    admin: Browser, accounts: AccountManager
) -> None:
    page = admin.submit("/admin/bots", **FORM | {"rooms": "#tea,", "per_minute": "30"}).text

    assert "belongs to Boss" in page
    assert "only in tea" in page
    assert "30 messages a minute" in page
    limits = accounts.registry.find("Weather").limits
    assert limits is not None
    assert (limits.owner, limits.rooms) == (accounts.registry.find("Boss").id, ("tea",))


def test_limits_are_changed_on_the_page_and_a_second_token_leaves_them(
    admin: Browser, accounts: AccountManager
) -> None:
    accounts.create("Mia", PASSWORD, "member")
    admin.submit("/admin/bots", **FORM)

    wanted = {"name": "Weather", "owner": "@mia", "rooms": "tea, general", "per_minute": ""}
    changed = admin.submit("/admin/bots/limits", **wanted)
    refused = admin.submit("/admin/bots/limits", **wanted | {"rooms": "missing"})
    again = admin.submit("/admin/bots", **FORM | {"title": "the second", "rooms": "general"}).text

    assert changed.status_code == 303
    assert refused.status_code == 404
    assert "no room called" in refused.text
    assert "belongs to Mia" in again
    assert "only in tea, general" in again


def test_a_bot_of_an_older_version_says_that_it_has_no_owner(
    admin: Browser, accounts: AccountManager
) -> None:
    accounts.create_bot(None, "Old")

    assert "No owner and no limits" in admin.get("/admin/bots").text


def test_the_commands_of_bots_are_listed_and_can_be_removed(server: Server, boss: Visitor) -> None:
    token = chatapp(server, "bot", "add", "robo", "--owner", "admin")
    robo = with_token(server, token)
    wanted = {"name": "deploy", "hint": "ENV", "description": "Puts it <there>"}
    assert call(robo, "add_command", {**wanted, "rooms": ["general"]})["ok"]
    page = boss.get("/admin/bots").text
    assert "/deploy" in page
    assert "Puts it &lt;there&gt;" in page

    boss.submit("/admin/bots/remove-command", command="deploy")

    assert "/deploy" not in boss.get("/admin/bots").text
    assert call(robo, "commands", {})["commands"] == []
    added, removed = audited(server, "add-slash-command"), audited(server, "remove-slash-command")
    assert (added[-1]["command"], added[-1]["rooms"]) == ("/deploy", "general")
    assert removed[-1]["command"] == "/deploy"
    assert "Registered the slash command /deploy for general" in boss.get("/admin/audit").text
