"""What a screen reader is told: what is new, once, and never the history."""

from collections.abc import Callable

from playwright.sync_api import expect
from socketio import SimpleClient

from tests.page.people import BACK_MS, TO_THE_TOP, Person, enter
from tests.support.browser import RESTARTING, Windows
from tests.support.server import Server
from tests.support.waiting import wait_until

Connect = Callable[..., SimpleClient]

LISTEN = """
  window.heard = [];
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const isSpoken = (target.closest ? target : target.parentNode)?.closest("[role=log]");
      if (isSpoken) for (const node of addedNodes) window.heard.push(node.textContent);
    }
  }).observe(document, { childList: true, subtree: true, characterData: true });
"""


def listener(windows: Windows, server: Server) -> Person:
    """Ana, who hears what the page says from its beginning."""
    page = windows.open()
    page.add_init_script(LISTEN)
    return enter(windows, server, "ana", page=page)


def heard(ana: Person) -> list[str]:
    return list(ana.page.evaluate("window.heard"))


def test_a_message_is_heard_once_and_its_edit_and_ones_own_are_not(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    bo.call("message", {"text": "long ago"})
    ana = listener(windows, server)

    bo.call("message", {"text": "news"})
    ana.sees("long ago", "news")
    bo.call("edit", {"room": "general", "seq": 2, "text": "better news"})
    ana.sees("long ago", "better news")
    ana.say("my own")
    ana.sees("long ago", "better news", "my own")
    bo.call("message", {"text": "/me leaves"})

    hears(ana, ["bo: news", "bo leaves"])


def test_a_mention_in_another_room_is_heard_with_its_room_and_other_news_are_not(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "kitchen", "title": "The Kitchen"})
    ana = listener(windows, server)
    ana.visit("The Kitchen")
    ana.visit("General")

    bo.call("message", {"room": "kitchen", "text": "news"})
    bo.call("message", {"room": "kitchen", "text": "@ana, look"})

    hears(ana, ["The Kitchen: 1 mention of you"])
    expect(ana.room("The Kitchen")).to_have_accessible_name(
        "The Kitchen 2 unread messages, 1 mention of you"
    )
    ana.visit("The Kitchen")
    expect(ana.page).to_have_title("The Kitchen · Chat")


def test_what_was_refused_is_heard_with_the_reason_and_again_when_it_is_tried_again(
    server: Server, windows: Windows
) -> None:
    ana = listener(windows, server)

    ana.say("\u200d\u200d")
    hears(ana, ["Not sent. The message is empty."])
    ana.unsent.get_by_role("button", name="Try again").click()

    hears(ana, ["Not sent. The message is empty."] * 2)


WRITTEN_AND_HEARD = [
    ("soy **bo**, *really*", "soy bo, really"),
    ("~~no~~ yes", "struck out: no, yes"),
    ("see https://example.org/a/long?path=1.", "see link to example.org."),
    ("[the plan](https://example.org)", "the plan, link"),
    ("`ls -l` lists", "ls -l lists"),
    ("```py\na = 1\nb = 2\n```", "2 lines of code"),
    ("- milk\n- tea!\n- 1_000", "milk. tea! 1_000"),
    ("> said\n\nright", "said. right"),
    ("| a | b |\n|---|---|\n| 1 | 2 |", "a. b. 1. 2"),
    ("@ana, #kitchen @nobody #nowhere", "ana, The Kitchen nobody #nowhere"),
    ("@BO and @CY: @Ana!", "bo and cy: ana!"),
    (":red_heart: at 10:30:15 ❤️", "red heart at 10:30:15 ❤️"),
    ("a\nb", "a. b"),
    ("<b>2 < 3</b>", "<b>2 < 3</b>"),
    ("word " * 200, "word " * 100 + "…"),
    ("soy " + "語" * 600, "soy " + "語" * 496 + " …"),
]


def test_what_is_heard_are_plain_words_in_the_order_in_which_they_were_said(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    bo.call("create", {"room": "kitchen", "title": "The Kitchen"})
    connect("cy")
    ana = listener(windows, server)

    words = [f"bo: {words}" for _, words in WRITTEN_AND_HEARD]
    for count, (written, _) in enumerate(WRITTEN_AND_HEARD, start=1):
        bo.call("message", {"text": written})
        hears(ana, words[:count])
    for text in ("**first**", "second", "/me **waves**"):  # At once: only three are kept.
        bo.call("message", {"text": text})

    hears(ana, [*words, "bo: first", "bo: second", "bo waves"])


def hears(ana: Person, expected: list[str]) -> None:
    wait_until(lambda: len(heard(ana)) >= len(expected), what="the announcement")
    assert heard(ana) == expected


def test_no_other_place_of_the_page_says_messages(server: Server, windows: Windows) -> None:
    """The list itself is not live: else each message would be heard twice."""
    ana = enter(windows, server, "ana")
    ana.say("seen")
    ana.sees("seen")

    assert ana.page.evaluate(
        """() => {
          const list = document.querySelector(".messages");
          return list.closest("[aria-live], [role=log], [role=status], [role=alert]") === null;
        }"""
    )
    expect(ana.page.get_by_role("log")).to_have_count(1)


def test_the_history_that_is_loaded_is_not_heard(
    server: Server, windows: Windows, connect: Connect
) -> None:
    bo = connect("bo")
    for number in range(120):
        bo.call("message", {"text": f"old {number}"})
    ana = listener(windows, server)

    before = ana.sent.count()
    ana.scroll(TO_THE_TOP)
    expect(ana.sent).not_to_have_count(before)
    bo.call("message", {"text": "now"})

    wait_until(lambda: heard(ana), what="the announcement")
    assert heard(ana) == ["bo: now"]


def test_of_what_was_missed_only_the_last_is_heard(
    server: Server, windows: Windows, connect: Connect
) -> None:
    windows.complaints.expect(f"{RESTARTING}|ERR_INTERNET_DISCONNECTED")
    ana = listener(windows, server)
    bo = connect("bo")
    bo.call("message", {"text": "before"})
    wait_until(lambda: heard(ana), what="the announcement")

    ana.page.context.set_offline(True)
    expect(ana.banner).to_be_visible()
    for number in range(30):
        bo.call("message", {"text": f"missed {number}"})
    ana.page.context.set_offline(False)
    expect(ana.sent.last).to_have_text("missed 29", timeout=BACK_MS)
    bo.call("message", {"text": "after"})
    wait_until(lambda: "bo: after" in heard(ana), what="the announcement")

    missed = [said for said in heard(ana) if "missed" in said]  # of many, only the last few
    assert [said for said in heard(ana) if "missed" not in said] == ["bo: before", "bo: after"]
    assert len(missed) <= 3, missed
