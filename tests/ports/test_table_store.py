"""What every store of small tables promises, on disk and in PostgreSQL."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from chatapp.cluster.postgres_stream import PostgresStream
from chatapp.tables.directory import Directory
from chatapp.tables.shared_directory import SharedDirectory
from chatapp.tables.table import Conflict


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    role: str = "member"


@pytest.fixture(params=["alone", "shared"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Directory]]:
    """Opens the tables; the second time after closing them, as after a restart."""
    opened: list[Directory] = []
    folder = tmp_path / "directory"
    url = request.getfixturevalue("database") if request.param == "shared" else ""

    def reopen() -> Directory:
        if opened:
            opened.pop().close()
        if url:
            share = partial(PostgresStream, url, "tables")
            opened.append(SharedDirectory.open_shared(folder, share))
        else:
            opened.append(Directory.open(folder))
        return opened[-1]

    yield reopen
    for directory in opened:
        directory.close()


def test_the_last_value_of_a_key_is_there_after_a_restart(reopen: Callable[[], Directory]) -> None:
    people = reopen().table("people", Account)
    people.put("ana", Account("ana", "guest"))
    people.put("ana", Account("ana"))
    people.put("bo", Account("bo"))
    people.delete("bo")
    people.put("cy", Account("cy"))

    again = reopen().table("people", Account)

    assert dict(again.items()) == {"ana": Account("ana"), "cy": Account("cy")}


def test_any_text_comes_back_as_it_was(reopen: Callable[[], Directory]) -> None:
    odd = 'a "quoted" \\ \n\x00 \u2028 語 🔥'
    reopen().table("people", str).put("ana", odd)

    assert reopen().table("people", str).get("ana") == odd


def test_a_write_of_several_tables_is_whole_or_not_there(reopen: Callable[[], Directory]) -> None:
    store = reopen()
    names, links = store.table("names", str), store.table("links", int)
    links.put("secret", 1)
    names.write(names.change("ana", "Ana"), links.change("secret", None, expected=1))

    with pytest.raises(Conflict):
        names.write(names.change("bo", "Bo"), links.change("secret", None, expected=1))

    store = reopen()
    assert dict(store.table("names", str).items()) == {"ana": "Ana"}
    assert len(store.table("links", int)) == 0


def test_a_write_rests_on_what_it_was_decided_on(reopen: Callable[[], Directory]) -> None:
    owners = reopen().table("owners", bool)
    owners.put("ana", True)
    basis = owners.unchanged("ana", True)
    assert owners.write(owners.change("bo", True, expected=None), basis).result() is None

    owners.put("ana", False)

    with pytest.raises(Conflict):
        owners.write(owners.change("bo", False), basis)
    assert owners.get("bo")


def test_a_value_is_changed_many_times_each_on_the_one_before(
    reopen: Callable[[], Directory],
) -> None:
    counts = reopen().table("counts", int)
    for number in range(50):
        counts.put("visits", number + 1, expected=number or None).result()

    assert reopen().table("counts", int).get("visits") == 50
