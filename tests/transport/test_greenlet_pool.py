import gevent
import pytest
from gevent.event import Event
from gevent.hub import get_hub

from chatapp.transport.greenlet_pool import MAX_IDLE_WORKERS, GreenletPool


def run_in_hub(workers: GreenletPool, *tasks: object) -> None:
    for task in tasks:
        workers.run_soon(task)  # type: ignore[arg-type]
    gevent.sleep(0)
    gevent.sleep(0)


def test_tasks_that_do_not_wait_share_one_greenlet() -> None:
    workers = GreenletPool()
    greenlets: list[object] = []

    run_in_hub(workers, *[lambda: greenlets.append(gevent.getcurrent())] * 100)

    assert len(greenlets) == 100
    assert len(set(greenlets)) == 1
    assert greenlets[0] is not get_hub()


def test_a_task_that_waits_holds_up_no_other() -> None:
    workers = GreenletPool()
    gate = Event()
    done: list[str] = []

    run_in_hub(workers, lambda: (gate.wait(), done.append("slow")), lambda: done.append("quick"))
    assert done == ["quick"]
    gate.set()
    gevent.sleep(0.01)

    assert done == ["quick", "slow"]


def test_only_a_few_idle_workers_are_kept() -> None:
    workers = GreenletPool()
    gate = Event()

    run_in_hub(workers, *[gate.wait] * 50)
    gate.set()
    gevent.sleep(0.01)

    assert len(workers._idle) == MAX_IDLE_WORKERS


def test_a_task_that_fails_is_logged_and_the_next_one_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    workers = GreenletPool()
    done: list[str] = []

    run_in_hub(workers, lambda: 1 / 0, lambda: done.append("next"))

    assert done == ["next"]
    assert "A task of the transport failed." in caplog.text
