"""The reference of the API in a browser: on a phone, by day and by night."""

from playwright.sync_api import expect

from tests.page.test_accessibility import violations

NARROW = {"width": 320, "height": 640}


def test_the_reference_fits_a_phone_and_everybody_can_read_it(windows, house):
    page = windows.open(f"{house.url}/api/v1/")
    page.set_viewport_size(NARROW)

    post = page.locator("#post_rooms_room_messages")
    post.locator("summary").click()

    expect(post.locator("pre")).to_contain_text("/api/v1/rooms/general/messages")
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    assert violations(page) == []


def test_it_is_read_in_another_language_by_a_switch(windows, house):
    page = windows.open(f"{house.url}/api/v1/")

    page.get_by_role("button", name="Leer en español").click()

    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.get_by_role("button", name="Read in English")).to_be_visible()


def test_it_leads_from_a_request_to_the_type_of_its_answer(windows, house):
    page = windows.open(f"{house.url}/api/v1/")
    contents = page.locator(".api-contents a")
    assert len(contents.all()) > 3
    assert len({link.bounding_box()["y"] for link in contents.all()}) == 1, "all on one line"
    post = page.locator("#post_message")
    post.locator("summary").click()

    post.get_by_role("link", name="PostedMessage").click()

    expect(page.locator("#type-PostedMessage")).to_be_in_viewport()
