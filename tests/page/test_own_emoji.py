"""Emoji of the chat's own: added, written, chosen, reacted with, shown large and still, removed."""

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.features.emoji.test_pictures import animation
from tests.page.people import Person, enter, sign_in
from tests.page.test_accessibility import violations
from tests.support.browser import Windows
from tests.support.cast import new_token
from tests.support.files import picture
from tests.support.server import Server

PHONE = {"width": 390, "height": 700}


def dialog(person: Person) -> Locator:
    return person.page.get_by_role("dialog", name="Emoji of this chat")


def add(person: Person, path: Path, **typed: str) -> None:
    form = dialog(person).locator("form")
    form.locator("input[type=file]").set_input_files(path)
    for label, text in typed.items():
        form.get_by_label(label.replace("_", " "), exact=True).fill(text)
    form.get_by_role("button", name="Add").click()


def own_emoji(place: Locator, name: str) -> Locator:
    return place.get_by_role("img", name=f":{name}:", exact=True)


def test_an_emoji_of_ones_own_from_its_picture_to_a_reaction(
    server: Server, windows: Windows, tmp_path: Path
) -> None:
    new_token(server, "Olga", "member")
    (tmp_path / "Party Parrot.gif").write_bytes(animation(frames=4))
    (tmp_path / "red.png").write_bytes(picture())
    (tmp_path / "text.png").write_text("no picture")
    olga, gus = sign_in(windows, server, "Olga"), enter(windows, server, "gus")

    olga.say("/emoji")
    expect(dialog(olga)).to_contain_text("There are no emoji here yet.")
    dialog(olga).locator("input[type=file]").set_input_files(tmp_path / "Party Parrot.gif")
    expect(dialog(olga).get_by_label("Name", exact=True)).to_have_value("party_parrot")
    add(olga, tmp_path / "Party Parrot.gif", Other_names=":woo:, yay")
    expect(own_emoji(dialog(olga), "party_parrot")).to_be_visible()
    add(olga, tmp_path / "red.png", Name="fire")
    expect(dialog(olga).get_by_role("alert")).to_contain_text("that of a standard emoji")
    add(olga, tmp_path / "text.png", Name="text")
    expect(dialog(olga).get_by_role("alert")).to_contain_text("cannot become an emoji")
    add(olga, tmp_path / "red.png", Name="red")
    expect(dialog(olga)).to_contain_text("2 emoji")
    expect(dialog(olga)).to_contain_text(":woo: :yay: · by Olga")
    assert violations(olga.page) == []
    olga.page.keyboard.press("Escape")

    olga.composer.press_sequentially("so :pa")
    option = olga.page.get_by_role("option", name=":party_parrot:")
    expect(own_emoji(option, "party_parrot")).to_be_visible()
    olga.page.keyboard.press("Tab")
    expect(olga.composer).to_have_value("so :party_parrot: ")
    olga.say("so :party_parrot::woo: `:red:` :gone: **:red:**")
    for person in (olga, gus):
        text = person.sent.first
        expect(text).to_have_text("so  :red: :gone: ")
        expect(text.get_by_role("img")).to_have_count(3)
        expect(text.locator("code")).to_have_text(":red:")
        shown = own_emoji(text, "woo").evaluate(
            "(image) => image.decode().then(() => image.height)"
        )
        assert 16 <= shown <= 24, "as high as the text"
    olga.say(":red: 🎉 :yay:")
    for person in (olga, gus):
        expect(person.sent.last).to_have_class("text large")
        expect(own_emoji(person.sent.last, "yay")).to_be_visible()

    gus.use()
    gus.page.locator(".message").last.hover()
    gus.page.locator("message-actions").get_by_role("button", name="React", exact=True).click()
    picker = gus.page.get_by_role("dialog", name="Emoji", exact=True)
    picker.get_by_role("button", name="Emoji of this chat").first.click()
    own_emoji(picker, "party_parrot").wait_for()
    own_emoji(picker, "party_parrot").click()
    for person in (olga, gus):
        chip = person.page.get_by_role("button", name=":party_parrot: 1")
        expect(own_emoji(chip, "party_parrot")).to_be_visible()

    # What the server renders is what the script drew.
    drawn = olga.page.locator(".messages .reactions img, .messages .text img")
    before = drawn.evaluate_all("(all) => all.map(({ outerHTML }) => outerHTML)")
    html = olga.page.request.get(server.url).text()
    asked: list[str] = []
    hear = lambda frame: asked.append(str(frame))  # noqa: E731 - playwright takes no methods
    olga.page.on("websocket", lambda socket: socket.on("framesent", hear))
    olga.page.reload()
    olga.is_online()
    expect(drawn).to_have_count(len(before))
    assert drawn.evaluate_all("(all) => all.map(({ outerHTML }) => outerHTML)") == before
    in_reaction = olga.page.locator(".reactions img").evaluate("({ outerHTML }) => outerHTML")
    assert in_reaction.replace('"', "") in html.replace('"', "")
    assert not [frame for frame in asked if '["emoji"' in frame], "the list is not needed"

    calm = windows.open(
        server.url,
        storage_state=olga.page.context.storage_state(),
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    phone = Person(calm, "Olga")
    expect(phone.page.locator(".reactions img")).to_have_attribute("src", re.compile("/still$"))
    phone.use()
    phone.say("/emoji")
    expect(own_emoji(dialog(phone), "red")).to_be_visible()
    assert violations(phone.page) == []
    width = phone.page.evaluate("document.querySelector('.own-emoji-dialog').scrollWidth")
    assert width <= PHONE["width"]
    dialog(phone).get_by_role("button", name="Remove :party_parrot:").click()
    phone.page.get_by_role("dialog", name="Remove :party_parrot:").get_by_role(
        "button", name="Remove"
    ).click()
    expect(dialog(phone)).to_contain_text("1 emoji")
    for person in (olga, gus):
        expect(person.sent.first).to_contain_text("so :party_parrot::woo: :red: :gone:")
        expect(person.page.get_by_role("button", name=":party_parrot: 1")).to_be_visible()
        expect(own_emoji(person.page.locator(".reactions"), "party_parrot")).to_have_count(0)
        expect(own_emoji(person.sent.first, "red")).to_be_visible()

    gus.say("/emoji")  # Guests see all of them, and add none.
    expect(own_emoji(dialog(gus), "red")).to_be_visible()
    expect(dialog(gus).locator("form")).to_have_count(0)
    expect(dialog(gus).get_by_role("button", name="Remove")).to_have_count(0)
