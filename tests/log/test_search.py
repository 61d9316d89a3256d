"""What a person types into the search box finds what they mean."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatapp.domain.model import Draft, SystemLine
from chatapp.store.message_log import MessageLog

from .conftest import Clock, draft


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
        ("tea -please", [2]),
        ('tea -"tea is"', [1]),
        ("-tea -crème -喝茶 in:general", [6, 5]),
        ("“green tea”", [1]),
        ("?! ", []),
        ("tea ?", [2, 1]),
        ("in:#tea", [2]),
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
        ("from:oz ", ["two", "one"]),
        ("from:maria", ["three"]),
        ("from:@ana", ["three"]),
        ("from:nobody", []),
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
        ("ISPARTA", "ısparta"),
        ("İstanbul", "istanbul"),
        ("مُحَمَّد", "محمد"),
        ("محمد", "مُحَمَّد"),
        ("أحمد", "احمد"),
        ("میخواهم", "ميخواهم"),
        ("שָׁלוֹם", "שלום"),
        ("की बात", "की"),
        ("กิน", "กิ"),
        ("well done 🎉!", "🎉"),
        ("👍🏽", "👍"),
        ("❤", "❤️"),
        ("C++ or C#", "c++"),
        ("100 €", "€"),
    ],
)
def test_what_reads_the_same_is_found(log: MessageLog, said: str, typed: str):
    log.append(draft(said))

    (found,) = log.search(typed).result().messages
    assert found.text == said


def test_kana_keep_their_voice_marks(log: MessageLog):
    log.append(draft("がく"))

    assert log.search("かく").result().messages == []


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("कि", "की"),
        ("no party", "🎉"),
        ("plain c and cc", "c++"),
        ("c++", "c#"),
        ("c", "c++ "),
        ("aあ", "c"),
        ("see ana@example.org", "has:link"),
        ("in `www` there is no link", "has:link"),
    ],
)
def test_what_is_not_there_is_not_found(log: MessageLog, said: str, typed: str):
    log.append(draft(said))

    assert log.search(typed).result().messages == []


@pytest.mark.parametrize("text", ["https://example.org", "www.example.org", "[x](https://a.b)"])
def test_has_link_knows_the_links_that_are_shown(log: MessageLog, text: str):
    log.append(draft(text))

    assert len(log.search("has:link").result().messages) == 1


def test_an_index_of_other_rules_is_made_anew_and_the_log_stays_as_it_was(
    tmp_path: Path, open_log: Callable[..., MessageLog]
):
    log = open_log()
    log.append(draft("done 🎉")).result()
    log.close()
    written = {path: path.read_bytes() for path in (tmp_path / "messages").glob("*.jsonl")}
    with closing(sqlite3.connect(tmp_path / "index.sqlite3")) as index, index:
        index.execute("UPDATE about SET version = version - 1")
        index.execute("INSERT INTO words_1 (words_1) VALUES ('delete-all')")

    found = open_log().search("🎉").result().messages

    assert [message.text for message in found] == ["done 🎉"]
    assert {path: path.read_bytes() for path in written} == written


def test_a_thread_is_searched_with_its_first_message_after_all_moves(log: MessageLog):
    for text, thread in (
        ("tea?", None),
        ("green tea", 1),
        ("black tea", None),
        ("more tea", 1),
        ("soup", 1),
    ):
        log.append(draft(text, thread=thread))
    log.append(draft("tea?", room="other"))
    log.append(draft("tea of another room", room="other", thread=1))
    log.append(draft("ana moved it", system=SystemLine(what="moved", seqs=[3], thread=1)))
    log.append(draft("ana moved it", system=SystemLine(what="moved", seqs=[4])))

    def found(query: str) -> list[str]:
        page = log.search(query, rooms=["general"]).result()
        return [message.text for message in page.messages]

    assert found("tea thread:1") == ["black tea", "green tea", "tea?"]
    assert found("thread:1") == ["soup", "black tea", "green tea", "tea?"]
    assert found("tea is:thread") == ["black tea", "green tea"]
    assert found("is:thread") == ["soup", "black tea", "green tea"]
    assert found("thread:2") == ["green tea"]
    assert found("thread:1 in:other") == []
    assert found("thread:tea") == ["more tea", "black tea", "green tea", "tea?"], "a word"
