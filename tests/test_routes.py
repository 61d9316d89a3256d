"""Who may open what: every route, for every role; and no form without its token.

The table is the whole truth: a route that is not in it fails the test.
"""

import re

import pytest

from chatapp.app.factory import create_app
from chatapp.config import Config
from chatapp.domain.rights import MAY as MAY_HAVE
from chatapp.protocol.agents import AGENT_ROOT, AGENT_TOOLS
from chatapp.protocol.events import EVENTS
from chatapp.web.waiting import wait
from tests.support.accounts import PASSWORD
from tests.support.pages import quick_pages

ROLES = ["nobody", "guest", "member", "bot", "admin", "owner"]
ANYONE, PERSON, ACCOUNT, ADMIN = "anyone", "person", "account", "admin"
MAY = {
    ANYONE: set(ROLES),
    PERSON: set(ROLES) - {"nobody"},
    ACCOUNT: MAY_HAVE["have a profile"],
    ADMIN: MAY_HAVE["administer"],
}
ROUTES = {
    "GET /": PERSON,
    "GET /rooms/<room>": PERSON,
    "GET /inbox": PERSON,
    "GET /saved": PERSON,
    "GET /threads": PERSON,
    **{f"POST /api/v1/{event}": PERSON for event in EVENTS if event != "files"},
    "GET /api/rooms/<room>/messages": PERSON,
    **{f"POST {AGENT_ROOT}{tool}": PERSON for tool in AGENT_TOOLS},
    "GET /api/v1/": ANYONE,
    "GET /api/v1/openapi.json": ANYONE,
    "GET /api/v1/me": PERSON,
    "GET /api/v1/checkpoints": PERSON,
    "GET /api/v1/emoji": PERSON,
    "GET /api/v1/inbox": PERSON,
    "GET /api/v1/people": PERSON,
    "GET /api/v1/rooms": PERSON,
    "GET /api/v1/rooms/<room>/commands": PERSON,
    "GET /api/v1/rooms/<room>/files": PERSON,
    "GET /api/v1/rooms/<room>/messages": PERSON,
    "POST /api/v1/rooms/<room>/messages": PERSON,
    "GET /api/v1/rooms/<room>/messages/<seq>": PERSON,
    "PATCH /api/v1/rooms/<room>/messages/<seq>": PERSON,
    "DELETE /api/v1/rooms/<room>/messages/<seq>": PERSON,
    "GET /api/v1/rooms/<room>/messages/<seq>/versions": PERSON,
    "GET /api/v1/rooms/<room>/pins": PERSON,
    "GET /api/v1/rooms/<room>/proofs": PERSON,
    "GET /api/v1/saved": PERSON,
    "GET /api/v1/scheduled": PERSON,
    "GET /api/v1/search": PERSON,
    "GET /api/v1/threads": PERSON,
    "POST /hooks/<secret>": ANYONE,
    "POST /hooks/commands/<run>/<token>": ANYONE,
    "GET /api/v1/rooms/<room>/stream": PERSON,
    "GET /api/v1/stream": PERSON,
    "POST /api/v1/files": PERSON,
    "GET /api/v1/files/<id>": PERSON,
    "DELETE /api/v1/files/<id>": PERSON,
    "POST /api/v1/files/tus": PERSON,
    "POST /api/v1/files/tus/<id>": ANYONE,
    "PATCH /api/v1/files/tus/<id>": PERSON,
    "DELETE /api/v1/files/tus/<id>": PERSON,
    "GET /.well-known/chatapp-log-key": ANYONE,
    "GET /robots.txt": ANYONE,
    "GET /web/": ANYONE,
    "GET /web/<room>/": ANYONE,
    "GET /web/<room>/<int:seq>": ANYONE,
    "GET /web/<room>/<int:seq>/files/<id>": ANYONE,
    "GET /web/<room>/<int:seq>/files/<id>/<path:name>": ANYONE,
    "GET /web/<room>/feed.atom": ANYONE,
    "GET /web/<room>/sitemap-<int:part>.xml": ANYONE,
    "GET /web/sitemap.xml": ANYONE,
    "GET /files/<id>/<name>": PERSON,
    "GET /files/<id>/preview": PERSON,
    "GET /emoji/<digest>": PERSON,
    "GET /emoji/<digest>/still": PERSON,
    "GET /photos/<digest>": PERSON,
    "GET /healthz": ANYONE,
    "GET /readyz": ANYONE,
    "GET /metrics": ANYONE,
    "GET /worker.js": ANYONE,
    "GET /static/<path:filename>": ANYONE,
    "GET /static/sheets/<names>.css": ANYONE,
    "GET /static/diagrams.html": ANYONE,
    "GET /static/parts/<name>.<language>.html": ANYONE,
    "GET /static/js/joined/<name>.js": ANYONE,
    "GET /name": ANYONE,
    "POST /name": ANYONE,
    "POST /leave": ANYONE,
    "GET /login": ANYONE,
    "POST /login": ANYONE,
    "POST /logout": ANYONE,
    "GET /invite/<secret>": ANYONE,
    "POST /invite/<secret>": ANYONE,
    "GET /reset/<secret>": ANYONE,
    "POST /reset/<secret>": ANYONE,
    "GET /setup/<secret>": ANYONE,
    "POST /setup/<secret>": ANYONE,
    "GET /account": ACCOUNT,
    "POST /account/first-invite/done": ANYONE,
    "POST /account/password": ACCOUNT,
    "POST /account/profile": ACCOUNT,
    "POST /account/sessions/<id>/end": ACCOUNT,
    "POST /account/sessions/end": ACCOUNT,
    "GET /admin": ADMIN,
    "GET /admin/audit": ADMIN,
    "GET /admin/audit.csv": ADMIN,
    "GET /admin/audit.jsonl": ADMIN,
    "GET /admin/bots": ADMIN,
    "POST /admin/bots": ADMIN,
    "POST /admin/bots/limits": ADMIN,
    "POST /admin/bots/remove-command": ADMIN,
    "POST /admin/bots/revoke": ADMIN,
    "GET /admin/outgoing-webhooks": ADMIN,
    "POST /admin/outgoing-webhooks": ADMIN,
    "GET /admin/outgoing-webhook": ADMIN,
    "POST /admin/outgoing-webhook": ADMIN,
    "POST /admin/outgoing-webhook/again": ADMIN,
    "POST /admin/outgoing-webhook/pause": ADMIN,
    "POST /admin/outgoing-webhook/remove": ADMIN,
    "POST /admin/outgoing-webhook/replay": ADMIN,
    "POST /admin/outgoing-webhook/resume": ADMIN,
    "POST /admin/outgoing-webhook/rotate": ADMIN,
    "POST /admin/outgoing-webhook/skip": ADMIN,
    "POST /admin/outgoing-webhook/test": ADMIN,
    "GET /admin/help": ADMIN,
    "GET /admin/incoming-webhooks": ADMIN,
    "POST /admin/incoming-webhooks": ADMIN,
    "POST /admin/incoming-webhooks/test": ADMIN,
    "POST /admin/incoming-webhooks/revoke": ADMIN,
    "POST /admin/invites": ADMIN,
    "POST /admin/invites/<id>/revoke": ADMIN,
    "GET /admin/erasures": ADMIN,
    "POST /admin/erasures/message": ADMIN,
    "POST /admin/erasures/person": ADMIN,
    "GET /admin/emoji": ADMIN,
    "POST /admin/emoji/remove": ADMIN,
    "GET /admin/files": ADMIN,
    "GET /admin/file": ADMIN,
    "POST /admin/files/remove": ADMIN,
    "GET /admin/message": ADMIN,
    "POST /admin/message/ban": ADMIN,
    "POST /admin/message/delete": ADMIN,
    "GET /admin/messages": ADMIN,
    "GET /admin/messages.csv": ADMIN,
    "GET /admin/messages.jsonl": ADMIN,
    "GET /admin/overview": ADMIN,
    "POST /admin/overview/check": ADMIN,
    "GET /admin/people": ADMIN,
    "GET /admin/person": ADMIN,
    "POST /admin/person/ban": ADMIN,
    "POST /admin/person/clear-status": ADMIN,
    "POST /admin/person/remove-photo": ADMIN,
    "POST /admin/person/end-sessions": ADMIN,
    "POST /admin/person/profile": ADMIN,
    "POST /admin/person/remove": ADMIN,
    "POST /admin/person/invite": ADMIN,
    "POST /admin/person/reset": ADMIN,
    "POST /admin/person/role": ADMIN,
    "POST /admin/person/unban": ADMIN,
    "GET /admin/room": ADMIN,
    "GET /admin/room/as-of": ADMIN,
    "POST /admin/overview/checkpoint": ADMIN,
    "POST /admin/room": ADMIN,
    "POST /admin/room/delete": ADMIN,
    "POST /admin/room/retention": ADMIN,
    "POST /admin/room/hold": ADMIN,
    "POST /admin/room/publish": ADMIN,
    "GET /admin/retention": ADMIN,
    "POST /admin/retention": ADMIN,
    "POST /admin/room/members": ADMIN,
    "GET /admin/rooms": ADMIN,
    "POST /admin/rooms/view": ADMIN,
    "GET /admin/settings": ADMIN,
    "POST /admin/settings": ADMIN,
}
WITHOUT_TOKENS = {"POST /hooks/<secret>", "POST /hooks/commands/<run>/<token>"}
"""Where the address is the secret, and no cookie counts."""
DOORS = ("/login", "/name")
"""Where those are sent who are not known yet."""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with quick_pages():
        app = create_app(Config(data=tmp_path_factory.mktemp("data")))
    for role in ROLES[2:]:
        wait(app.extensions["accounts"].create(role.title(), PASSWORD, role=role))
    yield app
    app.extensions["resources"].close()


def token_in(client):
    page = client.get("/login?next=/account", follow_redirects=True).text
    return re.search('name="csrf_token" value="([^"]+)"', page)[1]


@pytest.fixture(scope="module")
def clients(app):
    clients = {role: app.test_client() for role in ROLES}
    for role, client in clients.items():
        if role == "guest":
            form = {"name": "Gus", "csrf_token": token_in(client)}
            assert client.post("/name", data=form).status_code == 303
        elif role != "nobody":
            form = {"name": role, "password": PASSWORD, "csrf_token": token_in(client)}
            assert client.post("/login", data=form).status_code == 303
    return clients


def opened(client, route, **form):
    method, path = route.split(" ")
    path = re.sub(r"<int:\w+>", "1", path)
    path = re.sub(r"<(?:path:)?(\w+)>", r"some-\1", path).replace("some-room", "general")
    headers = {"X-CSRF-Token": form.get("csrf_token", "")} if path.startswith("/api/") else None
    return client.open(path, method=method, data=form or None, headers=headers, buffered=True)


def is_turned_away(answer):
    to_a_door = answer.status_code == 303 and answer.location.startswith(DOORS)
    return to_a_door or answer.status_code in (401, 403)


def test_the_table_has_every_route(app):
    there = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    of_api = {
        f"{method} {path.replace('{', '<').replace('}', '>')}"
        for path, methods in app.extensions["api"].all.items()
        for method in methods
    }

    assert set(ROUTES) == there | of_api


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("GET")])
def test_who_may_open_a_page(clients, role, route):
    answer = opened(clients[role], route)

    assert is_turned_away(answer) == (role not in MAY[ROUTES[route]])
    assert answer.status_code < 500 or (answer.status_code == 501 and route.endswith("/stream"))


@pytest.mark.parametrize("path", ["/login/", "/name/", "/admin/", "/admin/people/"])
def test_a_slash_too_many_changes_nothing(clients, path):
    for client in clients.values():
        assert client.get(path).status_code == client.get(path.rstrip("/")).status_code


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.startswith("POST") and ROUTES[route] != ANYONE]
)
def test_who_may_send_a_form(clients, role, route):
    answer = opened(clients[role], route, csrf_token=token_in(clients[role]), name="Nobody at all")

    assert is_turned_away(answer) == (role not in MAY[ROUTES[route]])
    assert answer.status_code < 500


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "route", [route for route in ROUTES if route.startswith("POST") and route not in WITHOUT_TOKENS]
)
@pytest.mark.parametrize("form", [{}, {"csrf_token": ""}, {"csrf_token": "made up"}])
def test_no_form_is_taken_without_its_token(clients, role, route, form):
    answer = opened(clients[role], route, **form)

    is_unknown = role == "nobody" and answer.headers.get("WWW-Authenticate")
    assert answer.status_code == (401 if is_unknown else 403)
