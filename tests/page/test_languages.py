"""The page in English and in Spanish: complete, chosen by the browser, or by a switch."""

import json
import re

import pytest
from playwright.sync_api import expect

from chatapp.files import STATIC, TEMPLATES
from chatapp.web.languages import LANGUAGES
from tests.page.people import enter
from tests.support.browser import Windows
from tests.support.server import Server

PLACE = re.compile(r"\{\w+\}")
PLURAL = re.compile(r"\.(one|other)$")


def catalogue(language: str) -> dict[str, str]:
    path = STATIC / "i18n" / f"{language}.json"
    return dict(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_and_fills_the_same_places(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)

    assert english.keys() == other.keys()
    assert all(other.values())
    for key, sentence in english.items():
        assert set(PLACE.findall(sentence)) == set(PLACE.findall(other[key])), key


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


def test_the_browser_chooses_the_language_until_one_chooses_oneself(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana", locale="es-MX")
    html = ana.page.locator("html")
    expect(html).to_have_attribute("lang", "es")
    expect(ana.page.get_by_role("navigation", name="Salas")).to_be_visible()
    expect(ana.composer).to_have_accessible_name("Mensaje para General")
    ana.page.evaluate("document.activeElement.blur()")
    ana.page.keyboard.press("?")
    expect(ana.page.get_by_role("dialog", name="Atajos de teclado")).to_contain_text("Sala nueva")
    ana.page.keyboard.press("Escape")

    ana.page.get_by_role("button", name="Ajustes").click()
    ana.page.get_by_text("English", exact=True).click()

    expect(html).to_have_attribute("lang", "en")
    expect(ana.composer).to_have_accessible_name("Message General")
    ana.page.reload()
    expect(ana.composer).to_have_accessible_name("Message General")
