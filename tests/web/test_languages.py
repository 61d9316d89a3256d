"""What the server says, in the reader's language; and that nothing is said past the catalogues."""

import json
import re
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import Markup

import chatapp
from chatapp.domain.errors import BadPayload, RateLimited, Unauthorized
from chatapp.features.accounts.manager import AccountManager
from chatapp.resources import STATIC, TEMPLATES
from chatapp.store.message_log import MessageLog
from chatapp.web.errors import STATUS_OF_CODE
from chatapp.web.languages import LANGUAGES, PLACE, PLURAL, Scripts, Words, words_in
from tests.support.accounts import PASSWORD, Clock, make_accounts
from tests.support.pages import Browser, make_app

SPANISH = {"Accept-Language": "es-MX,es;q=0.9"}

ENGLISH_ONLY = ("export.html",)
"""Templates that speak no other language: what the command line writes."""
READ_ALOUD = ("alt", "aria-label", "placeholder", "title")
WORDS_OF_OURS = {
    "admin",
    "api",
    "reading",
    "chat",
    "narrow",
    "sheet",
    "welcome",
    "Enter",
    "Esc",
    "UTC",
    "CSV",
    "JSON",
    "Lines",
    "ms",
    "English",
    "Español",
}
"""Classes of the body, and names that every language has."""
WORD = re.compile(r"[^\W\d_]{2,}")
CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SENTENCE = re.compile(r"""(?<![\w.])(?<!t\()["']([A-Z][a-z]+(?: [^"']*)?)["']""")


def catalogue(language: str) -> dict[str, str]:
    path = STATIC / "i18n" / f"{language}.json"
    return dict(json.loads(path.read_text("utf-8")))


@pytest.fixture
def accounts() -> AccountManager:
    return make_accounts()


@pytest.fixture
def app(accounts: AccountManager) -> Flask:
    return make_app(accounts)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


# Catalogues


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_and_fills_the_same_places(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)

    assert english.keys() == other.keys()
    assert all(other.values())
    for key, sentence in english.items():
        if "refused." in key:
            assert set(PLACE.findall(other[key])) <= {"message", "seconds", "least"}, key
        else:
            assert set(PLACE.findall(sentence)) == set(PLACE.findall(other[key])), key


def test_every_reason_to_refuse_is_said_in_every_language() -> None:
    refusals = {f"refused.{code}" for code in STATUS_OF_CODE}

    assert refusals == {key for key in catalogue("en") if key.startswith("refused.")}


def test_what_templates_and_scripts_say_is_in_the_catalogue() -> None:
    sources = [*TEMPLATES.rglob("*.html"), *(STATIC / "js").rglob("*.js")]
    said = {
        key
        for path in sources
        for key in re.findall(r'\bt\("([^"]+)"\s*[,)]', path.read_text("utf-8"))
    }
    known = {PLURAL.sub("", key) for key in catalogue("en")} | catalogue("en").keys()

    assert len(said) > 50
    assert said - known == set()


def test_every_sentence_of_the_catalogue_is_said_somewhere() -> None:
    """By its key, or by the beginning of it: `t("room.level." ~ level)`."""
    package = Path(chatapp.__file__).parent
    sources = [
        path.read_text("utf-8")
        for folder, kind in ((TEMPLATES, "html"), (STATIC / "js", "js"), (package, "py"))
        for path in folder.rglob(f"*.{kind}")
    ]
    keys = {key for source in sources for key in re.findall(r"[\"']([a-z][\w.-]*)[\"']", source)}
    interpolated = r"[\"`]([a-z][\w.-]*\.)(?:\"|\$?\{)"
    beginnings = {key for source in sources for key in re.findall(interpolated, source)}

    unsaid = {
        key
        for key in catalogue("en")
        if PLURAL.sub("", key) not in keys and not key.startswith(tuple(beginnings))
    }

    assert "message.edit" in keys
    assert unsaid == set()


def test_the_page_carries_what_its_scripts_say_and_nothing_else() -> None:
    scripts = Scripts(
        ['t("new-room"); t("n", { count }); has ? "room.join" : x; t(`role.${role}`)']
    )
    words = dict.fromkeys(["new-room", "n.one", "n.other", "room.join", "role.admin"], "said")

    carried = Words("en", words | {"new-room.title": "not", "role": "not"}, scripts).for_scripts

    assert carried == words


def test_the_page_has_the_words_of_what_it_loads_at_once_or_alone(app: Flask) -> None:
    with app.test_request_context():
        carried = words_in("en").for_scripts

    assert "composer.replying" in carried, "of what chat.js imports"
    assert "code.whole" in carried, "of lib/markdown/code-blocks.js, which the page loads alone"
    assert "room.mute.week" not in carried, "of what comes with later.js"


def test_no_template_says_anything_past_the_catalogue() -> None:
    templates = [
        path
        for path in sorted(TEMPLATES.rglob("*.html"))
        if not str(path.relative_to(TEMPLATES)).startswith(ENGLISH_ONLY)
    ]

    loose = {path.name: found for path in templates if (found := loose_text(path))}

    assert len(templates) > 15
    assert loose == {}


def loose_text(template: Path) -> list[str]:
    """Words that stand in a template itself, between the tags, in attributes, or in its code."""
    source = template.read_text("utf-8")
    reader = Reader()
    reader.feed(CODE.sub("", source))
    code = " ".join(each for each in CODE.findall(source) if not each.startswith("{#"))
    return [*reader.found, *SENTENCE.findall(code)]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in READ_ALOUD:
                self._hear(value or "")

    def handle_data(self, data: str) -> None:
        self._hear(data)

    def _hear(self, text: str) -> None:
        if set(WORD.findall(text)) - WORDS_OF_OURS:
            self.found.append(text.strip())


def test_loose_text_is_found(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text(
        '{# Said to nobody. #}<p title="{{ t("key") }}">Loose {{ name }}</p>'
        '<img alt="a picture">{{ field("Your name") }}{{ t("Key of its own") }}'
    )

    assert loose_text(template) == ["Loose", "a picture", "Your name"]


# Sentences


def test_values_go_into_their_places_once() -> None:
    words = Words("en", {"greeting": "{name} met {other}"})

    assert words("greeting", name="{other}", other="bo") == "{other} met bo"


def test_a_piece_of_a_page_stays_one_and_what_is_beside_it_is_escaped() -> None:
    words = Words("en", {"greeting": "{name} & {other}"})

    said = words("greeting", name=Markup("<b>ana</b>"), other="<bo>")

    assert said == Markup("<b>ana</b> &amp; &lt;bo&gt;")


def test_counts_choose_their_form_and_are_grouped() -> None:
    words = Words(
        "es",
        {
            "n.one": "{count} persona",
            "n.other": "{count} personas",
            "took": "tardó {seconds} s",
            "numbers.group": ".",
            "numbers.decimal": ",",
        },
    )

    assert [words("n", count=count) for count in (0, 1, 12345)] == [
        "0 personas",
        "1 persona",
        "12.345 personas",
    ]
    assert words("took", seconds=1234.5) == "tardó 1.234,5 s"
    assert words.size(1_500_000) == "1,5 MB"


def test_a_refusal_says_what_its_code_means_on_this_page() -> None:
    words = Words("es", catalogue("es"))

    assert (
        words.refusal(Unauthorized("No."), "login") == "El nombre o la contraseña no son correctos."
    )
    assert words.refusal(RateLimited("Slow.", retry_after=2.1), "login").endswith("Espera 3 s.")
    assert words.refusal(BadPayload("Odd."), "error").endswith("«Odd.»")


def test_english_readers_get_the_exact_sentence() -> None:
    words = Words("en", catalogue("en"))

    assert words.refusal(BadPayload("Odd."), "join", least=10) == "Odd."


def test_languages_written_from_the_right_turn_the_page() -> None:
    assert Words("ar", {}).direction == "rtl"
    assert Words("es", {}).direction == "ltr"


# Pages


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/name", "Te damos la bienvenida"),
        ("/login", "Contraseña"),
        ("/nowhere", "No encontrado"),
        ("/invite/none", "Este enlace ya no funciona"),
    ],
)
def test_pages_speak_the_readers_language(browser: Browser, path: str, said: str) -> None:
    answer = browser.get(path, headers=SPANISH)

    assert '<html lang="es" dir="ltr">' in answer.text
    assert said in answer.text


def test_what_was_chosen_counts_more_than_what_the_browser_asks_for(browser: Browser) -> None:
    browser.http.set_cookie("language", "en")
    assert "Start chatting" in browser.get("/name", headers=SPANISH).text

    browser.http.set_cookie("language", "xx")
    assert "Te damos la bienvenida" in browser.get("/name", headers=SPANISH).text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/admin/messages", "0 entradas en el registro"),
        ("/admin/audit", "Aquí aparecen todos los inicios de sesión"),
        ("/admin/overview", "Integridad del registro"),
        ("/admin/rooms?q=zzz", "Sin coincidencias."),
        ("/admin/room?name=general", "Ajustes de la sala"),
        ("/admin/people", "propietario"),
        ("/admin/person?name=Boss", "Firefox en Linux"),
        ("/admin/erasures", "Eliminar para siempre"),
        ("/admin/settings", "Por ejemplo <code>10 burst"),
        ("/admin/messages?day=x", "No es válido: «"),
    ],
)
def test_the_console_speaks_it_too(
    accounts: AccountManager, tmp_path: Path, path: str, said: str
) -> None:
    accounts.create("Boss", PASSWORD, "owner")
    with closing(MessageLog.open(tmp_path / "log", clock=Clock())) as log:
        admin = Browser(make_app(accounts, log, log, data=tmp_path))
        admin.http.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux) Firefox/130.0"
        admin.sign_in("Boss")

        page = admin.get(path, headers=SPANISH).text

    assert said in page
    assert '<a class="console-home" href="/" title="Volver al chat">' in page


def test_setup_and_invitations_speak_it_too(browser: Browser, accounts: AccountManager) -> None:
    link = f"/setup/{accounts.setup_token().result()}"

    page = browser.get(link, headers=SPANISH)

    assert "Configura tu chat" in page.text


def test_what_is_refused_is_said_in_it(browser: Browser, accounts: AccountManager) -> None:
    accounts.create("boss", PASSWORD)
    browser.http.set_cookie("language", "es")

    wrong = browser.submit("/login", name="boss", password="not this one")

    assert wrong.status_code == 401
    assert "El nombre o la contraseña no son correctos." in wrong.text


def test_programs_hear_the_exact_english_sentence(browser: Browser) -> None:
    answer = browser.get("/nowhere", headers={"Accept": "application/json"} | SPANISH)

    assert answer.json["error"]["message"] == "There is no page at this address."
