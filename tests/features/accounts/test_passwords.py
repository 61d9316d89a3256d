import gevent
from gevent.threadpool import ThreadPool

from chatapp.features.accounts.sign_in.passwords import Passwords
from tests.support.accounts import at_once
from tests.support.waiting import wait_until


def test_a_hash_matches_its_password_only() -> None:
    passwords = Passwords(run=at_once)
    hashed = passwords.hash("open sesame")

    assert passwords.matches(hashed, "open sesame")
    assert not passwords.matches(hashed, "open barley")


def test_a_hash_is_as_slow_as_it_should_be() -> None:
    assert "$m=47104,t=1,p=1$" in Passwords(run=at_once).hash("open sesame")


def test_where_there_is_no_hash_nothing_matches() -> None:
    assert not Passwords(run=at_once).matches(None, "")


def test_hashing_in_threads_leaves_the_loop_running() -> None:
    pool = ThreadPool(1)
    passwords = Passwords(run=pool.apply)
    turns = 0

    def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            gevent.sleep(0.001)

    def turns_during_a_hash() -> int:
        before = turns
        passwords.hash("open sesame")
        return turns - before

    counting = gevent.spawn(count)
    wait_until(lambda: turns_during_a_hash() > 3, what="turns of the loop, of a busy machine too")
    counting.kill()
    pool.kill()
