"""The page in English and in Spanish: chosen by the browser, or by a switch, for all pages.

That the catalogues are complete is tested in tests/web/test_languages.py."""

from playwright.sync_api import expect

from tests.page.people import Person, enter, own
from tests.support.browser import Windows
from tests.support.server import Server


def test_the_browser_chooses_the_language_until_one_chooses_oneself(
    server: Server, windows: Windows
) -> None:
    ana = enter(windows, server, "ana", locale="es-MX")
    html = ana.page.locator("html")
    expect(html).to_have_attribute("lang", "es")
    expect(ana.page.get_by_role("navigation", name="Salas")).to_be_visible()
    expect(ana.composer).to_have_accessible_name("Mensaje para General")
    ana.page.evaluate("document.activeElement.blur()")
    ana.page.keyboard.press("Control+/")
    expect(ana.page.get_by_role("dialog", name="Atajos de teclado")).to_contain_text(
        "Sala de arriba"
    )
    ana.page.keyboard.press("Escape")

    own(ana.page, "Ajustes")
    ana.page.get_by_text("English", exact=True).click()

    expect(html).to_have_attribute("lang", "en")
    expect(ana.composer).to_have_accessible_name("Message General")
    ana.page.reload()
    expect(ana.composer).to_have_accessible_name("Message General")


def test_what_is_chosen_at_the_door_counts_inside_and_in_refusals(
    server: Server, windows: Windows
) -> None:
    page = windows.open(server.url, locale="en-GB")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()

    page.get_by_role("button", name="Leer en español").click()
    expect(page.get_by_role("heading", name="Te damos la bienvenida")).to_be_visible()
    page.get_by_label("Tu nombre").fill("iñaki")
    page.get_by_role("button", name="Empezar a chatear").click()

    iñaki = Person(page, "iñaki")
    expect(iñaki.composer).to_have_accessible_name("Mensaje para General")
    iñaki.is_online()
    iñaki.say("\u200d\u200d")
    expect(iñaki.unsent).to_contain_text("Está vacío; falta escribir algo.")
    iñaki.say("hola")
    expect(iñaki.page.locator(".messages .at[title$='mensaje 1']")).to_be_visible()
