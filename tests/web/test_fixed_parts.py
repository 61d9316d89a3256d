"""Parts of pages that are the same for everybody are rendered once, and know nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from jinja2 import DictLoader, UndefinedError

from chatapp.app.factory import create_app
from chatapp.config import Config
from chatapp.resources import TEMPLATES
from chatapp.web import install_web
from chatapp.web.languages import COOKIE, LANGUAGES, words_of_reader
from tests.support.pages import Browser, quick_pages

DIALOGS = ("_dialogs.html", {"guest": True}), ("_dialogs.html", {"guest": False})
PARTS = (*DIALOGS, ("_message_tools.html", {}))


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Flask]:
    with quick_pages():
        app = create_app(Config(data=tmp_path))
    yield app
    app.extensions["resources"].close()


@pytest.fixture
def pages() -> Flask:
    """An app of a few templates, for visitors with a name and a session."""
    app = Flask("chatapp", template_folder=str(TEMPLATES))
    app.secret_key = "a key for tests"
    app.jinja_env.loader = DictLoader(
        {
            "plain.html": '{{ t("close") }}{% if loud %}!{% endif %}',
            "me.html": "{{ me }}",
            "token.html": "{{ csrf_token }}",
            "request.html": "{{ request.path }}",
            "session.html": "{{ session }}",
            "g.html": "{{ g }}",
        }
    )
    install_web(app)
    app.context_processor(lambda: {"me": "ana"})
    return app


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("template", "switches"), PARTS)
def test_what_is_kept_is_what_would_be_rendered(
    chat: Flask, language: str, template: str, switches: dict[str, bool]
) -> None:
    with chat.test_request_context(headers={"Cookie": f"{COOKIE}={language}"}):
        fixed = chat.jinja_env.globals["fixed"]
        first, kept = fixed(template, **switches), fixed(template, **switches)
        rendered = chat.jinja_env.get_template(template).render(t=words_of_reader(), **switches)

    assert kept is first
    assert kept == rendered
    assert len(kept) > 1_000


def test_each_language_and_each_switch_has_its_own(pages: Flask) -> None:
    said = set()
    for language in LANGUAGES:
        with pages.test_request_context(headers={"Cookie": f"{COOKIE}={language}"}):
            for loud in (True, False):
                said.add(render_template_string('{{ fixed("plain.html", loud=loud) }}', loud=loud))

    assert said == {"Close!", "Close", "Cerrar!", "Cerrar"}


@pytest.mark.parametrize("name", ["me", "token", "request", "session", "g"])
def test_a_fixed_part_cannot_name_the_visitor(pages: Flask, name: str) -> None:
    with pages.test_request_context():
        assert render_template_string(f'{{% include "{name}.html" %}}') != ""

        with pytest.raises(UndefinedError):
            render_template_string(f'{{{{ fixed("{name}.html") }}}}')


@pytest.mark.parametrize("value", ["ana", 1, None])
def test_a_switch_is_true_or_false_and_nothing_else(pages: Flask, value: object) -> None:
    with pages.test_request_context(), pytest.raises(TypeError):
        render_template_string('{{ fixed("plain.html", loud=value) }}', value=value)


def test_pages_of_two_people_leave_nothing_of_theirs_behind(chat: Flask) -> None:
    names = ("Wilhelmina", "Bartholomew")
    for name in names:
        browser = Browser(chat)
        browser.submit("/name", name=name)
        page = browser.get("/").text
        assert name in page
        assert 'name="csrf_token"' in page
        browser.get("/static/parts/dialogs-of-guests.en.html")

    kept = "".join(chat.jinja_env.globals["fixed"].kept.values())

    assert "<room-dialog>" in kept
    assert not [word for word in (*names, "csrf") if word in kept]


@pytest.mark.parametrize("name", ["dialogs.en", "dialogs.es", "dialogs-of-guests.en"])
def test_what_opens_over_the_page_is_a_file_in_the_language_of_its_name(
    chat: Flask, name: str
) -> None:
    answer = chat.test_client().get(f"/static/parts/{name}.html")

    headers = {"If-None-Match": answer.headers["ETag"]}
    said = {"en": "Keyboard shortcuts", "es": "Atajos de teclado"}[name[-2:]]
    assert said in answer.text
    assert ("new-message>" in answer.text) is ("guests" not in name)
    assert "Set-Cookie" not in answer.headers
    assert chat.test_client().get(answer.request.path, headers=headers).status_code == 304


@pytest.mark.parametrize("name", ["dialogs.fr", "chat.en", "_dialogs.en", "dialogs"])
def test_no_other_template_is_a_file(chat: Flask, name: str) -> None:
    assert chat.test_client().get(f"/static/parts/{name}.html").status_code == 404
