"""One person in all windows of a terminal."""

import stat

from chatapp.client.terminal.identity import key_for

URL = "http://localhost:8080"


def test_the_key_is_the_same_every_time(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert key_for(URL) == key_for(URL)
    assert 16 <= len(key_for(URL)) <= 128


def test_no_chat_learns_the_key_of_another(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert key_for(URL) != key_for("http://evil.example")


def test_two_people_have_two_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "one"))
    one = key_for(URL)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "two"))

    assert key_for(URL) != one


def test_nobody_else_may_read_the_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    key_for(URL)

    assert stat.S_IMODE((tmp_path / "chatapp" / "key").stat().st_mode) == 0o600


def test_where_nothing_can_be_kept_there_is_no_key(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    assert key_for(URL) is None
