"""What the store of messages promises: on the disk of one process, and in PostgreSQL."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.domain.errors import NotAllowed
from chatapp.domain.model import Draft, Forwarded, SystemLine
from chatapp.ports import MessageStore
from chatapp.store.feed import ELSEWHERE
from chatapp.store.message_log import MessageLog
from tests.support.waiting import wait_until

AT = "2026-11-22T09:30:00.123Z"


class Process:
    """With its log and its event loop; `heard` is what its feed handed out."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self._folder, self._url = folder, url
        folder.mkdir()
        self._steps: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self.heard: list[tuple[int, str | None]] = []
        self.open()

    def open(self) -> None:
        share = partial(PostgresStream, self._url, "messages") if self._url else None
        self.log = MessageLog.open(self._folder / "messages", share=share, deliver=self._steps.put)
        self.store: MessageStore = self.log
        self.log.feed.subscribe(lambda event, origin: self.heard.append((event.seq, origin)))

    def close(self) -> None:
        self.log.close()

    def turn(self) -> None:
        while True:
            try:
                self._steps.get_nowait()()
            except Empty:
                return


class Chat:
    """`here` and `there` are two processes, or the only one twice."""

    def __init__(self, processes: list[Process]) -> None:
        self.processes = processes
        self.here, self.there = processes[0], processes[-1]

    def until(self, condition: Callable[[], object], what: str) -> None:
        def turned() -> object:
            for process in self.processes:
                process.turn()
            return condition()

        wait_until(turned, what=what)

    def settle(self, *appended):
        self.until(lambda: all(each.done for each in appended), what="the answers")
        return [each.result() for each in appended]

    def follow(self, seq: int) -> None:
        self.until(lambda: all(p.store.head("tea") == seq for p in self.processes), what="all")


@pytest.fixture(params=["alone", "shared"])
def chat(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chat]:
    is_shared = request.param == "shared"
    url = request.getfixturevalue("database") if is_shared else None
    with ExitStack() as stack:
        yield Chat(
            [
                stack.enter_context(closing(Process(tmp_path / name, url)))
                for name in (["here", "there"] if is_shared else ["here"])
            ]
        )


def draft(text, cid=None, by="a1", **more):
    return Draft(room="tea", sender="ana", by=by, text=text, cid=cid, **more)


def test_events_are_numbered_without_a_hole_in_one_order_for_all(chat):
    appended = [
        process.store.append(draft(f"{number}"))
        for number in range(20)
        for process in (chat.here, chat.there)
    ]

    answers = chat.settle(*appended)
    chat.follow(40)

    assert sorted(answer.event.seq for answer in answers) == list(range(1, 41))
    orders = [
        [(event.seq, event.text) for event in process.store.events("tea", after=0, limit=99)]
        for process in chat.processes
    ]
    assert orders[0] == orders[-1]
    assert {(answer.event.seq, answer.event.text) for answer in answers} == set(orders[0])


def test_the_feed_hands_out_each_event_once_in_order_before_its_answer(chat):
    appended = [chat.here.store.append(draft(f"{n}"), origin="connection") for n in range(9)]
    heard_before_answer: list[bool] = []
    appended[-1].add_done_callback(
        lambda done: heard_before_answer.append(
            (done.result().event.seq, "connection") in chat.here.heard
        )
    )

    chat.settle(*appended)
    chat.follow(9)

    assert heard_before_answer == [True]
    assert chat.here.heard == [(seq, "connection") for seq in range(1, 10)]
    if chat.there is not chat.here:
        assert chat.there.heard == [(seq, ELSEWHERE) for seq in range(1, 10)]


def test_a_message_with_a_cid_is_there_once_wherever_it_is_sent_again(chat):
    [first] = chat.settle(chat.here.store.append(draft("tea?", cid="c1")))

    repeated = chat.settle(
        chat.there.store.append(draft("tea?", cid="c1")),
        chat.here.store.append(draft("tea?", cid="c1")),
    )
    [other] = chat.settle(chat.there.store.append(draft("tea!", cid="c1", by="somebody else")))
    at_once = chat.settle(
        *(process.store.append(draft("soup", cid="c2")) for process in (chat.here, chat.there))
    )

    assert not first.duplicate
    assert [(each.duplicate, each.event.seq) for each in repeated] == [(True, 1), (True, 1)]
    assert (other.duplicate, other.event.seq) == (False, 2)
    assert sorted(each.duplicate for each in at_once) == [False, True]
    assert {each.event.seq for each in at_once} == {3}


def test_what_is_checked_and_refused_is_not_there_and_uses_no_number(chat):
    def refuse() -> None:
        raise NotAllowed("No tea today.")

    with pytest.raises(NotAllowed):
        chat.here.store.append(draft("tea?", cid="c1"), check=refuse)
    [accepted] = chat.settle(chat.here.store.append(draft("tea?", cid="c1")))
    chat.follow(1)
    [repeated] = chat.settle(chat.there.store.append(draft("tea?", cid="c1"), check=refuse))

    assert (accepted.event.seq, accepted.duplicate) == (1, False)
    assert repeated.duplicate, "a retry gets its message, though its sender may not write any more"


def test_readers_see_a_message_with_its_changes_at_each_process(chat):
    chat.settle(chat.here.store.append(draft("tee?")), chat.here.store.append(draft("spam")))
    chat.follow(2)
    chat.settle(
        chat.there.store.append(draft("tea?", type="edit", target=1)),
        chat.there.store.append(draft(None, type="react", target=1, emoji="🎉", on=True)),
        chat.there.store.append(draft(None, type="delete", target=2)),
    )
    chat.follow(5)

    for process in chat.processes:
        page = process.store.history("tea")
        assert [(each.text, each.deleted_by) for each in page.messages] == [
            ("tea?", None),
            ("", "ana"),
        ]
        assert page.messages[0].reactions == {"🎉": ["ana"]}
        followers = [event.type for event in process.store.followers("tea", 1)]
        assert followers == ["edit", "react"]
        assert process.store.deleted("tea", [1, 2]) == {2}


def test_what_somebody_has_seen_at_one_process_is_reached_at_the_other(chat):
    [seen] = chat.settle(chat.here.store.append(draft("tea?")))
    heads: list[int] = []

    reached = chat.there.store.reach("tea", seen.event.seq)
    reached.add_done_callback(lambda _: heads.append(chat.there.store.head("tea")))
    never = chat.there.store.reach("tea", seen.event.seq + 1)

    chat.until(lambda: reached.done and never.done, "the message")
    assert heads == [1]


def test_all_of_it_is_there_after_a_restart(chat):
    chat.settle(chat.here.store.append(draft("tea?", cid="c1")))
    for process in chat.processes:
        process.close()
        process.open()

    [again] = chat.settle(chat.there.store.append(draft("tea?", cid="c1")))
    [more] = chat.settle(chat.there.store.append(draft("soup")))
    chat.follow(2)

    assert (again.duplicate, more.event.seq) == (True, 2)
    texts = [event.text for event in chat.here.store.events("tea", after=0, limit=9)]
    assert texts == ["tea?", "soup"]


def test_a_thread_is_the_same_for_all_processes(chat: Chat):
    """Also what is moved into it, at once."""

    def say(process: Process, text: str, **more: Any) -> int:
        draft = Draft(room="tea", sender="ana", by="id of ana", text=text, **more)
        (appended,) = chat.settle(process.store.append(draft))
        chat.follow(appended.event.seq)
        return int(appended.event.seq)

    root = say(chat.here, "cups?")
    reply = say(chat.there, "I do", thread=root)
    aside = say(chat.here, "me too")
    say(chat.there, "moved", system=SystemLine(what="moved", seqs=[aside], thread=root))

    for process in chat.processes:
        store = process.store
        thread = store.history("tea", thread=root).messages
        folded = store.history("tea", folded=True).messages
        assert [message.seq for message in thread] == [reply, aside]
        assert [message.seq for message in folded] == [root, 4]
        replies = folded[0].replies
        assert replies == store.replies("tea", [root])[root]
        assert (replies.count, replies.last_seq) == (2, aside)
        assert store.newest_threads("tea", before=9, limit=9) == [(root, aside)]


def test_messages_that_go_together_are_there_all_or_none_and_once(chat):
    def refuse() -> None:
        raise NotAllowed("No tea today.")

    drafts = [draft(f"{number}", cid=f"c{number}") for number in range(5)]
    with pytest.raises(NotAllowed):
        chat.here.store.append_all(drafts, check=refuse)
    others = [chat.there.store.append(draft("between")) for _ in range(3)]

    first, second = chat.settle(
        chat.here.store.append_all(drafts), chat.there.store.append_all(drafts)
    )
    chat.settle(*others)
    chat.follow(8)
    [again] = chat.settle(chat.there.store.append_all(drafts, check=refuse))

    seqs = [each.event.seq for each in first]
    assert seqs == list(range(seqs[0], seqs[0] + 5)), "nothing is between them"
    assert [each.event.seq for each in second] == [each.event.seq for each in again] == seqs
    assert sorted(each.duplicate for each in [*first, *second]) == [False] * 5 + [True] * 5
    lines = "".join(file.read_text() for file in chat.here.log.folder.glob("*.jsonl"))
    batches = re.findall(r'"batch":(\d+),[^\n]*"cid":"c', lines)
    assert (len(batches), len(set(batches))) == (5, 1)


def test_where_a_private_message_was_written_is_told_only_to_those_who_ask(chat):
    heard: list[object] = []
    for process in chat.processes:
        process.log.feed.subscribe(lambda event, _: heard.append(event.forwarded))
    first = Forwarded(sender="bo", by="b1", at=AT, room="cellar", seq=7, private=True)
    [appended] = chat.settle(chat.here.store.append(draft("psst", forwarded=first)))
    chat.follow(1)
    told = Forwarded(sender="bo", by="b1", at=AT, private=True)

    assert set(heard) == {told}
    assert appended.event.forwarded == told
    for process in chat.processes:
        store = process.store
        (event,) = store.events("tea", after=0, limit=9)
        assert event.forwarded == store.message("tea", 1).forwarded == told
        assert store.original("tea", 1) == first
