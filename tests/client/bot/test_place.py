"""The file in which a bot keeps its place."""

import stat

import pytest

from chatapp.client.bot.place import BadPlaceFile, BotPlace


def test_a_place_survives_its_program(tmp_path):
    file = tmp_path / "bot.json"
    first = BotPlace(file)
    assert first.is_new

    first.keep("general", 12)
    first.pass_by("general", 13)
    second = BotPlace(file)

    assert (second.of("general"), second.of("ci"), second.is_new) == (12, None, False)
    assert second.key == first.key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first.save()
    assert BotPlace(file).of("general") == 13


def test_without_a_file_it_is_in_memory_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    BotPlace(None).keep("general", 12)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key": 1, "rooms": {}}', "no place"])
def test_another_file_is_not_overwritten(tmp_path, text):
    file = tmp_path / "notes.txt"
    file.write_text(text)

    with pytest.raises(BadPlaceFile, match=r"notes\.txt is not the place of a bot"):
        BotPlace(file)

    assert file.read_text() == text
