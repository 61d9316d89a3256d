import re
import subprocess
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from chatapp.domain.model import Draft, Poll
from chatapp.features.accounts.manager import AccountManager
from chatapp.protocol.requests import ChangeProfile
from chatapp.store.message_log import MessageLog
from tests.support.accounts import PASSWORD, Clock
from tests.support.pages import Browser
from tests.support.records import say


def test_every_message_is_listed_newest_first(admin: Browser, log: MessageLog) -> None:
    for text in ("one", "two", "three"):
        say(log, text)

    page = admin.get("/admin/messages").text

    assert texts(page) == ["three", "two", "one"]
    assert "3 records in the log" in page


def test_a_row_says_number_room_sender_time_file_and_line(admin: Browser, log: MessageLog) -> None:
    say(log, "hola", room="tea", sender="Bruno")
    say(log, "hola", sender="ana")

    row = rows(admin.get("/admin/messages").text)[1]

    for part in ("1", "tea", "#1", "Bruno", "2026-11-22", "09:30:00", "hola", ".jsonl:1"):
        assert part in row


def test_the_command_of_a_row_shows_its_record(admin: Browser, log: MessageLog) -> None:
    for text in ("one", "two", "three"):
        say(log, text)

    commands = re.findall(r'data-text="([^"]*)"', admin.get("/admin/messages").text)
    sed = unescape(commands[1]).removesuffix(" | jq")
    shown = subprocess.run(sed, shell=True, capture_output=True, text=True, check=True).stdout

    assert '"text":"two"' in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("room=tea", ["tea, tomorrow", "tea, please"]),
        ("sender=Bruno", ["tea, please"]),
        ("day=2026-11-23", ["tea, tomorrow"]),
        ("day=2026-11-22", ["tea, please", "hola"]),
        ("text=tea", ["tea, tomorrow", "tea, please"]),
        ("text=TEA+please", ["tea, please"]),
        ("room=tea&sender=ana&day=2026-11-23&text=tea", ["tea, tomorrow"]),
        ("room=+tea+", ["tea, tomorrow", "tea, please"]),
        ("room=&sender=&day=&text=", ["tea, tomorrow", "tea, please", "hola"]),
    ],
)
def test_filters_find_what_they_say(
    admin: Browser, log: MessageLog, clock: Clock, query: str, found: list[str]
) -> None:
    say(log, "hola")
    say(log, "tea, please", room="tea", sender="Bruno")
    clock.pass_by(timedelta(days=1))
    say(log, "tea, tomorrow", room="tea")

    assert texts(admin.get(f"/admin/messages?{query}").text) == found


def test_pages_hold_on_to_their_place_and_lead_both_ways(admin: Browser, log: MessageLog) -> None:
    for number in range(1, 121):
        say(log, f"text {number}")

    newest = admin.get("/admin/messages").text
    middle = admin.get(link(newest, "Older")).text
    say(log, "in between")
    oldest = admin.get(link(middle, "Older")).text

    assert texts(newest) == [f"text {n}" for n in range(120, 70, -1)]
    assert texts(middle) == [f"text {n}" for n in range(70, 20, -1)]
    assert texts(oldest) == [f"text {n}" for n in range(20, 0, -1)]
    assert "Older" not in oldest
    assert "Newer" not in newest
    assert texts(admin.get(link(oldest, "Newer")).text) == texts(middle)
    assert texts(admin.get(link(middle, "Newer")).text)[0] == "text 120"


def test_pages_keep_the_filters(admin: Browser, log: MessageLog) -> None:
    for number in range(60):
        say(log, f"tea & {number}", room="tea")
        say(log, f"other {number}")

    first = admin.get("/admin/messages?room=tea&text=tea+%26").text
    second = admin.get(link(first, "Older")).text

    assert texts(second) == [f"tea & {n}" for n in range(9, -1, -1)]


XSS = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'>"


def test_what_people_wrote_is_shown_as_text(admin: Browser, log: MessageLog) -> None:
    say(log, XSS, room="tea", sender="<i>Eve</i>")
    say(log, XSS * 50)

    page = admin.get("/admin/messages").text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<i>Eve" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)" in page
    assert "&lt;i&gt;Eve&lt;/i&gt;" in page


def test_what_was_looked_for_is_shown_as_text(admin: Browser) -> None:
    page = admin.get("/admin/messages", query_string={"text": XSS, "room": XSS, "sender": XSS}).text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "query",
    [
        "day=yesterday",
        "day=2026-13-01",
        "day=2026-02-30",
        "day=0000-00-00",
        "day=%D9%A2%D9%A0%D9%A2%D9%A6-11-22",
        "before=x",
        "before=-1",
        "before=1e9",
        "before=99999999999999999999",
        "before=%C2%B2",
        "after=x",
        "text=" + "x" * 201,
        "day=%3Cscript%3E",
    ],
)
def test_a_filter_that_makes_no_sense_is_said_on_the_page(
    admin: Browser, log: MessageLog, query: str
) -> None:
    say(log, "hola")

    answer = admin.get(f"/admin/messages?{query}")

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert texts(answer.text) == []
    assert "<script>" not in answer.text


@pytest.mark.parametrize("path", ["/admin/messages.jsonl", "/admin/messages.csv"])
def test_a_download_with_a_filter_that_makes_no_sense_is_refused(admin: Browser, path: str) -> None:
    assert admin.get(f"{path}?day=nonsense").status_code == 400


STRANGE = [
    "text=%00",
    "text=%22",
    "text=*",
    "text=%22+OR+1",
    "text=%ff%fe",
    "room=%27+OR+1=1--",
    "sender=%F0%9F%98%80",
    "before=0",
    "before=1",
    "day=0001-01-01",
    "day=9999-12-31",
    "room=a&room=b",
]


@pytest.mark.parametrize("query", STRANGE)
def test_strange_filters_find_nothing_and_break_nothing(
    admin: Browser, log: MessageLog, query: str
) -> None:
    say(log, "hola")

    answer = admin.get(f"/admin/messages?{query}")

    assert answer.status_code == 200
    assert texts(answer.text) == []
    assert 'class="nothing"' in answer.text


def test_an_empty_log_says_so(admin: Browser) -> None:
    page = admin.get("/admin/messages").text

    assert "No records yet" in page
    assert "0 records in the log" in page


def test_no_result_says_so_and_shows_the_way_back(admin: Browser, log: MessageLog) -> None:
    say(log, "hola")

    page = admin.get("/admin/messages?text=adios").text

    assert "No record matches" in page
    assert 'href="/admin/messages"' in page


def rows(page: str) -> list[str]:
    return re.findall(r'<tr class="record".*?</tr>', page, re.DOTALL)


def texts(page: str) -> list[str]:
    return [unescape(text) for row in rows(page) for text in re.findall("<p>(.*?)</p>", row)]


def link(page: str, label: str) -> str:
    found = re.search(rf'href="([^"]*)">{label}</a>', page)
    assert found, f"there is no link {label}"
    return unescape(found[1])


def test_a_damaged_line_is_named(admin: Browser, log: MessageLog, tmp_path: Path) -> None:
    say(log, "hola")
    assert texts(admin.get("/admin/messages").text) == ["hola"]
    (segment,) = tmp_path.glob("messages/*.jsonl")
    segment.write_bytes(segment.read_bytes().replace(b"hola", b"hole"))

    answer = admin.get("/admin/messages")

    assert answer.status_code == 503
    assert f"{segment.name} line 1 is damaged" in answer.text


def test_a_row_leads_to_what_came_before_and_after(admin: Browser, log: MessageLog) -> None:
    for number in range(1, 101):
        say(log, f"tea {number}", room="tea")
        say(log, f"other {number}")

    page = admin.get("/admin/messages?text=tea+50").text
    context = re.search(r'class="record-seq"[^>]*href="([^"]*)"', page)
    assert context
    around = admin.get(unescape(context[1])).text

    assert context[1].endswith("#n99")
    assert texts(around) == [f"tea {n}" for n in range(75, 25, -1)]
    assert texts(admin.get(link(around, "Older")).text)[0] == "tea 25"
    assert texts(admin.get(link(around, "Newer")).text)[0] == "tea 100"


def test_a_room_is_found_however_it_is_typed(admin: Browser, log: MessageLog) -> None:
    say(log, "hola", room="tea")

    assert texts(admin.get("/admin/messages?room=Tea").text) == ["hola"]


@pytest.mark.parametrize("called", ["mia", "MIA", "@mia", "Mia Sørensen", "mia sørensen"])
def test_a_sender_is_found_by_any_name_that_people_know(
    admin: Browser, accounts: AccountManager, log: MessageLog, called: str
) -> None:
    accounts.create("mia", PASSWORD, "member", ChangeProfile(display_name="Mia Sørensen"))
    say(log, "by mia", sender="mia")
    say(log, "by another", sender="Mial")

    page = admin.get("/admin/messages", query_string={"sender": called}).text

    assert "by mia" in page
    assert "by another" not in page
    assert ">Mia Sørensen</a>" in page


def test_votes_are_listed_without_what_was_chosen_or_who_is_anonymous(
    admin: Browser, log: MessageLog
) -> None:
    poll = Poll(question="Who?", options=["A", "B"], anonymous=True, hidden=True)
    log.append(Draft("tea", "ana", text="Who?", poll=poll))
    vote = Draft("tea", "", by="vote:d1gest", type="react", target=1, emoji="🗳️", on=True, vote=[1])
    log.append(vote)

    listed = unescape(admin.get("/admin/messages").text)
    message = unescape(admin.get("/admin/message?room=tea&seq=1").text)

    assert "vote in #1" in listed
    assert "anonymous" in listed
    assert "d1gest" not in listed
    assert "1. A\n2. B</p>" in message
    open_poll = Poll(question="Tea?", options=["Yes", "No"])
    log.append(Draft("tea", "ana", text="Tea?", poll=open_poll))
    log.append(Draft("tea", "bo", by="b", type="react", target=3, vote=[1]))
    assert "2. No — 1 vote</p>" in unescape(admin.get("/admin/message?room=tea&seq=3").text)
