"""What a person types into the search box finds what they mean."""

from datetime import UTC, datetime

import pytest

from chatapp.errors import BadPayload
from chatapp.model import Draft
from chatapp.storage import MessageLog
from chatapp.storage.query import Query, Term, parse

from .conftest import Clock, draft


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("green tea ", Query(terms=(Term("green"), Term("tea")))),
        ("green te", Query(terms=(Term("green"), Term("te", prefix=True)))),
        ('"green tea" now ', Query(terms=(Term("green tea"), Term("now")))),
        ('"green tea', Query(terms=(Term("green tea"),))),
        ("caf* now ", Query(terms=(Term("caf", prefix=True), Term("now")))),
        ('from:"ana maria" hi ', Query(sender="ana maria", terms=(Term("hi"),))),
        ("in:Tea has:link", Query(room="tea", link=True)),
        (
            "after:2026-11-01 before:2026-11-22",
            Query(
                since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 22, tzinfo=UTC)
            ),
        ),
        ("-- !? ", Query()),
        ("has:teeth ", Query(terms=(Term("teeth"),))),
    ],
)
def test_a_query_is_taken_apart(typed: str, meant: Query):
    assert parse(typed) == meant


def test_a_day_that_is_none_is_refused():
    with pytest.raises(BadPayload, match="before: takes a day"):
        parse("before:tomorrow")


@pytest.fixture
def talk(log: MessageLog, clock: Clock) -> MessageLog:
    log.append(draft("Green tea, please", sender="ana"))
    log.append(draft("tea is green", sender="bo", room="tea"))
    clock.advance(days=1)
    log.append(draft("Une crème brûlée: https://example.org", sender="bo"))
    log.append(draft("我们明天去北京喝茶", sender="ana"))
    log.append(draft('quotes " and * and AND OR NOT (x) : ^', sender="ana"))
    log.append(draft("coffee", sender="bo"))
    log.append(Draft(room="general", sender="bo", type="edit", target=5, text="cocoa"))
    return log


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tea", [2, 1]),
        ("green tea ", [2, 1]),
        ('"green tea"', [1]),
        ("GRE", [2, 1]),
        ("creme", [3]),
        ("BRÛL", [3]),
        ("北京", [4]),
        ("喝茶", [4]),
        ("茶喝", []),
        ("from:bo ", [6, 3, 2]),
        ("tea from:bo", [2]),
        ("in:tea", [2]),
        ("has:link", [3]),
        ("before:2026-11-23", [2, 1]),
        ("tea after:2026-11-23", []),
        ('AND OR NOT (x) : ^ " ', [5]),
        ("coffee", []),
        ("cocoa", [6]),
        ("nobody said this", []),
        ("from:nobody", []),
        ("in:nowhere tea", []),
    ],
)
def test_search_finds_it_newest_first(talk: MessageLog, typed: str, found: list[int]):
    page = talk.search(typed).result()

    texts = [m.text for m in page.messages]
    by_number = {e.n: e.record.text for e in talk.find().result() if e.record.type == "message"}
    by_number[6] = "cocoa"
    assert texts == [by_number[n] for n in found]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("from:öz ", ["two", "one"]),
        ("one from:ÖZ", ["one"]),
        ('from:"ANA MARIA"', ["three"]),
        ("from:oz ", []),
        ("from:bo", ["five"]),
        ("from:Bo", ["four"]),
    ],
)
def test_a_name_may_be_typed_in_small_letters(log: MessageLog, typed: str, found: list[str]):
    for text, sender in (("one", "Öz"), ("two", "Öz"), ("three", "Ana Maria")):
        log.append(draft(text, sender=sender))
    log.append(draft("four", sender="Bo"))
    log.append(draft("five", sender="bo"))

    assert [message.text for message in log.search(typed).result().messages] == found


def test_only_rooms_that_one_may_see_are_searched(talk: MessageLog):
    def seqs(rooms: list[str]) -> list[tuple[str, int]]:
        page = talk.search("tea", rooms=rooms).result()
        return [(message.room, message.seq) for message in page.messages]

    assert seqs(["general"]) == [("general", 1)]
    assert seqs(["tea", "general"]) == [("tea", 1), ("general", 1)]
    assert seqs([f"room {i}" for i in range(100)] + ["tea"]) == [("tea", 1)]
    assert seqs([]) == []
    assert talk.search("tea in:tea", rooms=["general"]).result().messages == []


def test_pages_follow_each_other_without_hole_or_double(log: MessageLog):
    for i in range(25):
        log.append(draft(f"word {i}"))

    seqs, before = [], None
    while True:
        page = log.search("word", before=before, limit=10).result()
        seqs += [message.seq for message in page.messages]
        before = page.before
        if not page.more:
            break

    assert seqs == list(range(25, 0, -1))
    assert before is None


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("Άνθρωπος", "ανθρωπος"),
        ("ανθρωποι", "ΆΝΘΡΩΠΟΙ "),
        ("Всё ещё", "все еще "),
        ("Łódź, Tromsø, Đakovo", "lodz tromso dakovo "),
        ("Straße", "strasse "),
        ("ＡＢＣ one", "abc "),
        ("abc", "ＡＢＣ "),
        ("ｶﾞﾗｽ", "ガラス"),
        ("ガラス", "ｶﾞﾗｽ"),
        ("Việt Nam", "viet nam "),
        ("안녕하세요 여러분", "안녕"),
        ("\ufb01re", "fire "),
        ("she said so", "＂she said＂ so "),
    ],
)
def test_what_reads_the_same_is_found(log: MessageLog, said: str, typed: str):
    log.append(draft(said))

    (found,) = log.search(typed).result().messages
    assert found.text == said


def test_kana_keep_their_voice_marks(log: MessageLog):
    log.append(draft("がく"))

    assert log.search("かく").result().messages == []
