from pathlib import Path

from chatapp.app.startup_banner import greeting, open_access_warning

ADDRESS = "http://localhost:8080"


def test_with_members_only_and_no_account_the_way_in_is_explained() -> None:
    said = "\n".join(greeting(ADDRESS, "members", "secret", Path("data")))

    assert f"{ADDRESS}/setup/secret" in said
    assert "Nobody has an account yet" in said


def test_with_an_account_nothing_needs_to_be_explained() -> None:
    said = "\n".join(greeting(ADDRESS, "members", None, Path("data")))

    assert f"{ADDRESS}/admin" in said
    assert "Nobody has an account" not in said


def test_in_an_open_chat_nobody_is_kept_waiting_for_an_account() -> None:
    assert "Nobody has an account" not in "\n".join(
        greeting(ADDRESS, "open", "secret", Path("data"))
    )


def test_on_other_devices_the_chat_is_found_at_the_addresses_of_the_machine() -> None:
    lan = ["http://192.168.1.20:8080", "http://[fd00::20]:8080"]

    said = greeting(ADDRESS, "members", None, Path("data"), lan)

    assert said[0].endswith(ADDRESS)
    assert [line.split()[-1] for line in said[1:3]] == lan


def test_the_warning_says_what_is_open_to_whom_and_how_to_close_it() -> None:
    warning = open_access_warning("0.0.0.0")

    assert len(warning.splitlines()) > 3
    assert all(line.startswith("!!") for line in warning.splitlines())
    assert "EVERYBODY who reaches 0.0.0.0" in warning
    assert "--access members" in warning


def test_a_server_for_members_says_what_comes_first(new_server, wait_until) -> None:
    server = new_server(CHATAPP_ACCESS="members").start()

    wait_until(lambda: any("Nobody has an account yet" in line for line in server.log))


def test_a_server_that_only_this_machine_reaches_does_not_warn(server, wait_until) -> None:
    wait_until(lambda: any("The data lies in" in line for line in server.log))
    assert server.stop() == 0

    assert not any(line.startswith("!!") for line in server.log)
